/**
 * Whether a signal was caught that the event loop has not told of yet. libuv's handler writes it
 * into a pipe, which the loop reads in a later round than the one in which it hears of deaths that
 * came with the signal: whoever acts on a death at once has to ask first.
 */

import { readdirSync, readlinkSync } from 'node:fs';
import { isReadable } from './libc/poll.js';

/** Ignored where nobody handles it, and sent by nobody but the kernel, for sockets. */
const probe = 'SIGURG';

/** Costs about 1 µs. Always true where the pipe was not found. */
export type HasSignal = () => boolean;

/** Which pipe it is no interface tells: it is the one that can be read once a signal has come. */
export function watchSignals(): HasSignal {
  const silent = openPipes().filter((fd) => !isReadable(fd));
  process.once(probe, () => undefined);
  // To this thread, which does not block it: it is caught before the call returns.
  process.kill(process.pid, probe);
  const [pipe, another] = silent.filter(isReadable);
  return pipe === undefined || another !== undefined ? () => true : () => isReadable(pipe);
}

function openPipes(): readonly number[] {
  const folder = '/proc/self/fd';
  try {
    return readdirSync(folder)
      .map(Number)
      .filter((fd) => isPipe(`${folder}/${fd}`));
  } catch {
    return []; // EMFILE.
  }
}

function isPipe(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('pipe:');
  } catch {
    return false; // What the folder was read through.
  }
}
