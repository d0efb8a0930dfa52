/* stamp SLOT PROGRAM ARGUMENT...: tells the time, and becomes the program. */

#include "births.h"

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  tell(&births()[atoi(argv[1])], now());
  execv(argv[2], argv + 2);
  perror(argv[2]);
  return 127;
}
