/*
 * What the soak test runs:
 *   actor run NAME [workers=N] [life=MS] [deaf] [variant=N]   a daemon in the foreground
 *   actor launch NAME PIDFILE                                 puts "actor serve NAME" into the background
 *   actor work NAME N                                         a worker of a daemon
 *   actor ... with ACTOR_DECOY=MS                             a stranger, whatever it seems to be
 *
 * A daemon holds a lock as long as it lives, and so does each worker. Whoever finds its lock taken
 * is a second copy, or has met a worker that outlived its daemon, and tells it. A decoy tells every
 * signal that it gets. What is told is to be told by nobody.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FOLDER "/run/soak"

static const char *self;

/* One write to a file that is appended to: lines of several processes do not mix. */
static void append(const char *path, const char *line) {
  int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0 || write(fd, line, strlen(line)) < 0) exit(98);
  close(fd);
}

static void tell(const char *what, const char *name, int other) {
  char line[512];
  const char *marker = getenv("ESMD_SERVICE");
  snprintf(line, sizeof line, "%s %s pid %d other %d parent %d esmd %s\n", what, name, getpid(),
           other, getppid(), marker ? marker : "-");
  append(FOLDER "/reports", line);
}

/*
 * fcntl(2): such a lock belongs to the process alone, passes through exec, and ends before its death
 * can be seen.
 */
static void lock_or_tell(const char *what, const char *name) {
  char path[256];
  snprintf(path, sizeof path, FOLDER "/locks/%s", name);
  mode_t old = umask(0);
  int fd = open(path, O_RDWR | O_CREAT, 0666);
  umask(old);
  if (fd < 0) exit(97);
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fcntl(fd, F_SETLK, &lock) == 0) return;
  struct flock holder = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  fcntl(fd, F_GETLK, &holder);
  tell(what, name, holder.l_type == F_UNLCK ? 0 : holder.l_pid);
  _exit(99);
}

static long option(char **args, const char *key) {
  for (; *args; args++) {
    size_t length = strlen(key);
    if (strncmp(*args, key, length) == 0) return atol(*args + length);
  }
  return 0;
}

static void start_workers(const char *name, long number) {
  for (long i = 0; i < number; i++) {
    char text[24];
    snprintf(text, sizeof text, "%ld", i);
    if (fork() == 0) {
      execl(self, self, "work", name, text, (char *)0);
      _exit(96);
    }
  }
}

/* Lives for half to one and a half times `life`, if that is not 0, and ends in its own ways. */
static void live(long life) {
  if (life == 0) for (;;) pause();
  srandom((unsigned)getpid() ^ (unsigned)time(0));
  long ms = life / 2 + random() % life;
  struct timespec rest = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&rest, &rest) && errno == EINTR) continue;
  if (random() % 2) abort();
  _exit(random() % 3);
}

static void be_decoy(const char *name, long life) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, 0);
  char line[128];
  snprintf(line, sizeof line, "begin %d\n", getpid());
  append(FOLDER "/decoys", line);
  struct timespec end = {life / 1000, life % 1000 * 1000000};
  siginfo_t news;
  if (sigtimedwait(&all, &news, &end) > 0) {
    char what[64];
    snprintf(what, sizeof what, "stranger-signalled-%d", news.si_signo);
    tell(what, name, news.si_pid);
  }
  snprintf(line, sizeof line, "end %d\n", getpid());
  append(FOLDER "/decoys", line);
  _exit(0);
}

/* Ends when the daemon has its lock and the pid file is there. */
static int launch(const char *name, const char *pidfile) {
  int done[2];
  char byte;
  if (pipe2(done, O_CLOEXEC)) return 1;
  pid_t child = fork();
  if (child > 0) {
    close(done[1]);
    /* End of file: it has become the daemon, or has died. */
    if (read(done[0], &byte, 1) < 0) return 1;
    return waitpid(child, 0, WNOHANG) == 0 ? 0 : 1;
  }
  setsid();
  lock_or_tell("second-copy", name);
  FILE *file = fopen(pidfile, "w");
  if (!file) return 1;
  fprintf(file, "%d\n", getpid());
  fclose(file);
  execl(self, self, "serve", name, (char *)0);
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  self = "/run/soak/bin/actor";
  const char *decoy = getenv("ACTOR_DECOY");
  if (decoy) be_decoy(argv[2], atol(decoy));
  if (strcmp(argv[1], "launch") == 0) return argc < 4 ? 2 : launch(argv[2], argv[3]);
  if (strcmp(argv[1], "work") == 0) {
    char name[128];
    snprintf(name, sizeof name, "%s.%s", argv[2], argc < 4 ? "" : argv[3]);
    lock_or_tell("worker-left-over", name);
    live(0);
  }
  lock_or_tell("second-copy", argv[2]);
  char line[128];
  snprintf(line, sizeof line, "%s %d\n", argv[2], getpid());
  append(FOLDER "/lives", line);
  for (int i = 3; i < argc; i++) if (strcmp(argv[i], "deaf") == 0) signal(SIGTERM, SIG_IGN);
  start_workers(argv[2], option(argv + 3, "workers="));
  live(option(argv + 3, "life="));
}
