/**
 * The first thing that runs: until USR1 has a handler, Node opens its inspector on it (and the
 * wrapper sees to it that this fails). What arrives before somebody can act on it is kept.
 */

export type SignalName = 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGCONT' | 'SIGTERM' | 'SIGINT';

export type SignalHandlers = Readonly<Partial<Record<SignalName, () => void>>>;

const names: readonly SignalName[] = [
  'SIGUSR1',
  'SIGHUP',
  'SIGTERM',
  'SIGINT',
  'SIGCONT',
  'SIGUSR2',
];

const early = new Set<SignalName>();
let handlers: SignalHandlers = {};

function take(name: SignalName): void {
  const handler = handlers[name];
  if (handler === undefined) early.add(name);
  else handler();
}

for (const name of names) process.on(name, () => take(name));

/** From now on signals go to `next`; those that came before they had a handler come now, once. */
export function handleSignals(next: SignalHandlers): void {
  handlers = next;
  const waiting = [...early];
  early.clear();
  for (const name of waiting) take(name);
}
