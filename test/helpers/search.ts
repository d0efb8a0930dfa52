/** One search for the process of a service, among processes of a kernel that is none. */

import assert from 'node:assert/strict';
import type { Service } from '../../src/core/service/record.js';
import { incarnation, pid } from '../../src/core/units.js';
import { Look, type Searches } from '../../src/daemon/look.js';
import type { ProcessEntry } from '../../src/os/os.js';
import { Kernel } from './kernel.js';
import { actuals, service } from './services.js';

/** Of an esmd that has begun after all these processes, and has searched for nothing. */
export const begun = (since = 9000, last = 6): Searches => ({
  since,
  known: new Map([['web', incarnation(last)]]),
  done: new WeakSet(),
  left: new Map(),
});

type Surroundings = Readonly<{
  held: readonly number[];
  problem: string | null;
  /** Who is in the cgroup of the service. */
  cgroup: readonly number[];
  predecessor: Service['predecessor'];
  searches: Searches;
}>;

/** What a search for the service answers, in words, among these processes. */
export function search(
  definition: Service['spec'],
  processes: readonly Partial<ProcessEntry>[],
  {
    held = [],
    problem = null,
    cgroup = [],
    predecessor = null,
    searches = begun(),
  }: Partial<Surroundings> = {},
): string {
  const kernel = new Kernel();
  const cgroups = { ...kernel.os.cgroups, members: () => cgroup.map(pid) };
  kernel.holdProblem = problem;
  for (const one of processes) kernel.add(one);
  const record = service(actuals.looking, { spec: definition, predecessor });
  const look = new Look(
    { ...kernel.os, cgroups },
    new Map([['web', record]]),
    ({ pid: number }) => (held.includes(number) ? 'web' : null),
    searches,
  );
  const { incarnation } = record;
  const [answer, process] = look.perform({
    type: 'look',
    service: 'web',
    incarnation,
    scope: 'scan',
  });
  assert.equal('incarnation' in answer && answer.incarnation, incarnation);
  assert.equal(process === null, answer.type === 'absent' || answer.type === 'ambiguous');
  assert.deepEqual([...kernel.held], process === null ? [] : [process]);
  switch (answer.type) {
    case 'found':
      return `found ${answer.process.pid}`;
    case 'spawned':
      return `spawned ${answer.purpose} ${answer.process.pid}`;
    case 'ambiguous':
      return `ambiguous ${answer.pids.join(' ')}`;
    default:
      return answer.type;
  }
}
