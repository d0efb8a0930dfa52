/**
 * The first thing that runs: until USR1 has a handler, Node opens its inspector on it (and the
 * wrapper sees to it that this fails). What arrives before the daemon is ready is kept.
 */

export type SignalName = 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGCONT' | 'SIGTERM' | 'SIGINT';

const names: readonly SignalName[] = [
  'SIGUSR1',
  'SIGHUP',
  'SIGTERM',
  'SIGINT',
  'SIGCONT',
  'SIGUSR2',
];

const early = new Set<SignalName>();
let handler: (name: SignalName) => void = (name) => early.add(name);

for (const name of names) process.on(name, () => handler(name));

/** From now on signals go to `next`; those that came earlier go first, each once. */
export function handleSignals(next: (name: SignalName) => void): void {
  handler = next;
  for (const name of early) next(name);
  early.clear();
}
