/** The three descriptors that init has opened for us: its console. */

import { closeSync, openSync } from 'node:fs';
import { duplicateTo } from './libc/descriptor.js';

/**
 * Puts /dev/null in their place. A console that takes nothing (flow control, a serial line without
 * a reader) would keep for ever whoever writes to it: us, or Node itself with its own last words.
 */
export function leaveConsole(): void {
  const nothing = openSync('/dev/null', 'r+');
  for (const fd of [0, 1, 2]) duplicateTo(nothing, fd);
  if (nothing > 2) closeSync(nothing);
}
