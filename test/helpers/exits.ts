/** Exits that collects what it sees, and is closed when the test ends. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Pid } from '../../src/core/units.js';
import { openExits } from '../../src/os/exits.js';
import type { Mechanisms } from '../../src/os/mechanisms.js';
import type { Exit, Exits, Held } from '../../src/os/os.js';

export type Watch = Readonly<{ exits: Exits; seen: Exit[]; ready: () => number; bugs: unknown[] }>;

/** Fails the test if a callback threw. */
export function watch(context: TestContext, mechanisms: Partial<Mechanisms> = {}): Watch {
  const seen: Exit[] = [];
  const bugs: unknown[] = [];
  let ready = 0;
  const exits = openExits({
    onReady: () => {
      ready += 1;
      seen.push(...exits.drain());
    },
    onBug: (error) => bugs.push(error),
    mechanisms,
  });
  context.after(() => {
    exits.close();
    assert.deepEqual(bugs, []);
  });
  return { exits, seen, ready: () => ready, bugs };
}

/** Holds a process that has to be there. */
export function held(exits: Exits, process: Pid, origin: Held['origin']): Held {
  const result = exits.hold(process, origin);
  assert.ok(result.ok, result.ok ? '' : result.problem.message);
  return result.value;
}

/** What was seen, without whom it was about. */
export const edges = (seen: readonly Exit[]) => seen.map(({ edge, status }) => [edge, status]);
