/** The mount table, read again only after it has changed. */

import { openSync } from 'node:fs';
import { hasUrgent } from './libc/poll.js';
import { readMounts, type Mounts } from './mounts.js';

/**
 * A function that gives the mount table of now. proc_pid_mounts(5): an open file of it has an
 * exceptional condition after something was mounted or unmounted, until it is polled. That costs
 * 1 µs, and reading the table of a machine full of containers a thousand times as much.
 */
export function watchMounts(): () => Mounts {
  const fd = openSync('/proc/self/mountinfo', 'r');
  let mounts = readMounts();
  return () => {
    if (hasUrgent(fd)) mounts = readMounts();
    return mounts;
  };
}
