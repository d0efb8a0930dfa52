/*
 * The daemon that is killed: daemon SLOT [PIDFILE]. Takes the time before anything else, tells it,
 * and waits. With PIDFILE it puts itself into the background first, as daemons do.
 */

#include "births.h"

static uint64_t born;

__attribute__((constructor)) static void take_time(void) { born = now(); }

static void write_pid(const char *path) {
  FILE *file = fopen(path, "w");
  if (!file) exit(1);
  fprintf(file, "%d\n", getpid());
  fclose(file);
}

/* The parent ends when the pid file is there, so that a script that starts us has succeeded then. */
static void go_into_background(const char *path) {
  int done[2];
  char byte;
  if (pipe(done)) exit(1);
  if (fork()) {
    close(done[1]);
    _exit(read(done[0], &byte, 1) == 1 ? 0 : 1);
  }
  setsid();
  write_pid(path);
  if (write(done[1], "", 1) != 1) exit(1);
  close(done[0]);
  close(done[1]);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (argc > 2) go_into_background(argv[2]);
  tell(&births()[atoi(argv[1])], born);
  for (;;) pause();
}
