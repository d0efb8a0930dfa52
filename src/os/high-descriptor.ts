/** Where descriptors lie of which there may be one for each service. */

import { closeSync } from 'node:fs';
import { duplicateAbove } from './libc/descriptor.js';

/**
 * They get numbers from here on. The spawner lowers the limit of open files for moments, and in
 * these no thread could open a file if a thousand of them had taken the low numbers.
 */
const lowest = 1024;
/** A process begins with room for as many; a longer table would be copied at every spawn. */
const room = 64;

/**
 * Moves a descriptor there if low numbers get scarce; where the limit of open files is lower than
 * that it stays (EINVAL).
 */
export function moveUp(fd: number): number {
  if (fd < room) return fd;
  const moved = duplicateAbove(fd, lowest);
  if (moved < 0) return fd;
  closeSync(fd);
  return moved;
}
