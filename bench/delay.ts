/**
 * Loaded into esmd before its own code (node --import) while the longest block of its event loop is
 * wanted: SIGWINCH, which esmd has no use for, writes the longest time between two rings of a timer
 * of 1 ms, in nanoseconds, and begins anew.
 */

import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = '/run/bench/delay';
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

process.on('SIGWINCH', () => {
  writeFileSync(`${file}.new`, String(delay.max));
  delay.reset();
  renameSync(`${file}.new`, file);
});
