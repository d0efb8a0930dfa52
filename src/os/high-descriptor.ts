/** Where descriptors lie of which there may be one for each service. */

import { closeSync } from 'node:fs';
import { duplicateAbove } from './libc/descriptor.js';

/**
 * They get numbers from here on. The spawner lowers the limit of open files for moments, and in
 * these no thread could open a file if a thousand of them had taken the low numbers.
 */
const lowest = 1024;

/** Moves a descriptor there; where the limit of open files is lower than that it stays (EINVAL). */
export function moveUp(fd: number): number {
  const moved = duplicateAbove(fd, lowest);
  if (moved < 0) return fd;
  closeSync(fd);
  return moved;
}
