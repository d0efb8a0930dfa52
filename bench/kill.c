/*
 * kill turns ROUNDS PAUSE_MS SLOT...: kills the daemons of the slots in turn, each after a pause, and
 * prints for each "SLOT NANOSECONDS", from before kill(2) to the first instruction of the next.
 * kill all FIRST COUNT [PATIENCE_S]: kills so many at once, and prints the nanoseconds until the
 * last is back.
 * kill asked PATIENCE_S: kills the daemon of each slot that comes on stdin, a line each, and prints
 * the same as in turns, or "SLOT lost" when there was nobody to kill or no replacement came in time.
 */

#include "births.h"
#include <errno.h>
#include <signal.h>
#include <string.h>

static long patience_s = 20;

static volatile struct birth *all;

static int is_news(uint32_t count, int slot) { return all[slot].count != count; }

/* Waits until there were more births than `count`; 0 if that takes too long. */
static int is_born(int slot, uint32_t count) {
  struct timespec patience = {patience_s, 0};
  while (!is_news(count, slot)) {
    long result = syscall(SYS_futex, &all[slot].count, FUTEX_WAIT, count, &patience, 0, 0);
    if (result < 0 && errno == ETIMEDOUT) return 0;
  }
  return 1;
}

static void await_birth(int slot, uint32_t count) {
  if (is_born(slot, count)) return;
  fprintf(stderr, "slot %d: no replacement within %ld s\n", slot, patience_s);
  exit(1);
}

static void send_kill(int slot) {
  if (kill(all[slot].pid, SIGKILL)) {
    fprintf(stderr, "slot %d: pid %d: %s\n", slot, all[slot].pid, strerror(errno));
    exit(1);
  }
}

static int kill_asked(void) {
  int slot;
  while (scanf("%d", &slot) == 1) {
    uint32_t count = all[slot].count;
    uint64_t at = now();
    if (kill(all[slot].pid, SIGKILL) == 0 && is_born(slot, count)) {
      printf("%d %llu\n", slot, (unsigned long long)(all[slot].at - at));
    } else {
      printf("%d lost\n", slot);
    }
    fflush(stdout);
  }
  return 0;
}

static int take_turns(int rounds, long pause_ms, char **slots) {
  for (int round = 0; round < rounds; round++) {
    for (char **each = slots; *each; each++) {
      int slot = atoi(*each);
      struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};
      nanosleep(&pause, 0);
      uint32_t count = all[slot].count;
      uint64_t at = now();
      send_kill(slot);
      await_birth(slot, count);
      printf("%d %llu\n", slot, (unsigned long long)(all[slot].at - at));
    }
  }
  return 0;
}

static int kill_all(int first, int number) {
  uint32_t counts[SLOTS];
  uint64_t last = 0;
  if (first + number > SLOTS) return 2;
  for (int slot = first; slot < first + number; slot++) counts[slot] = all[slot].count;
  uint64_t at = now();
  for (int slot = first; slot < first + number; slot++) send_kill(slot);
  for (int slot = first; slot < first + number; slot++) {
    await_birth(slot, counts[slot]);
    if (all[slot].at > last) last = all[slot].at;
  }
  printf("%llu\n", (unsigned long long)(last - at));
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  all = births();
  if (strcmp(argv[1], "asked") == 0) {
    patience_s = atol(argv[2]);
    return kill_asked();
  }
  if (argc < 4) return 2;
  if (strcmp(argv[1], "all") == 0) {
    if (argc > 4) patience_s = atol(argv[4]);
    return kill_all(atoi(argv[2]), atoi(argv[3]));
  }
  return take_turns(atoi(argv[2]), atol(argv[3]), argv + 4);
}
