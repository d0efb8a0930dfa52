/** Signals by number and by name. The numbers differ between architectures; Node knows ours. */

import { constants } from 'node:os';
import type { SignalName } from '../core/service/spec.js';

const numbers: Readonly<Record<string, number>> = constants.signals;

// Some numbers have two names (SIGABRT and SIGIOT, SIGIO and SIGPOLL): the first one is used.
const names = new Map<number, string>();
for (const [name, number] of Object.entries(numbers)) {
  if (!names.has(number)) names.set(number, name);
}

/** The first real-time signal that glibc and musl leave to programs (34 and 35 of them). */
const firstRealtime = 34;

/** The number of a signal that esmd sends. */
export function signalNumber(name: SignalName): number {
  const number = numbers[`SIG${name}`];
  if (number === undefined) throw new TypeError(`SIG${name} does not exist on this machine`);
  return number;
}

/** `SIGKILL` for 9, `SIGRTMIN+3` for a real-time signal, `SIG33` for one that has no name. */
export function signalName(number: number): string {
  const name = names.get(number);
  if (name !== undefined) return name;
  return number >= firstRealtime ? `SIGRTMIN+${number - firstRealtime}` : `SIG${number}`;
}
