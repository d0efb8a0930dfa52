/* The births file: one slot for each daemon, mapped by all, so that telling a birth is a store. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BIRTHS "/run/bench/births"
#define SLOTS 2048

struct birth {
  uint32_t count; /* How many there were; the futex of whoever waits for the next. */
  int32_t pid;
  uint64_t at; /* CLOCK_MONOTONIC, in nanoseconds. */
};

static inline uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline volatile struct birth *births(void) {
  int fd = open(BIRTHS, O_RDWR | O_CLOEXEC);
  void *all = mmap(0, SLOTS * sizeof(struct birth), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (all == MAP_FAILED) {
    perror(BIRTHS);
    exit(1);
  }
  close(fd);
  return all;
}

static inline void tell(volatile struct birth *birth, uint64_t at) {
  birth->pid = getpid();
  birth->at = at;
  __atomic_add_fetch(&birth->count, 1, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, &birth->count, FUTEX_WAKE, 1, 0, 0, 0);
}
