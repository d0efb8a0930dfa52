import { rows } from '../../../helpers/rows.js';
import {
  actuals,
  down,
  elapsed,
  exited,
  found,
  later,
  main,
  problem,
  service,
  stranger,
  swept,
  unmonitored,
  wish,
} from '../../../helpers/services.js';
import { incarnation } from '../../../../src/core/units.js';
import type { Service } from '../../../../src/core/service/record.js';

const { stopped, waiting } = actuals;
const saidToRun = { type: 'said-to-run' } as const;

/** What a row of failures leaves behind. */
const failures: Partial<Service> = {
  failures: [later(-2000), later(-1000)],
  inRow: 2,
  shortages: 3,
  lastProblem: problem,
  trouble: { type: 'shortage', problem },
};
const forgiven: Partial<Service> = {
  failures: [],
  inRow: 0,
  shortages: 0,
  givenUp: null,
  lastProblem: null,
  trouble: null,
};

rows('whenStopped', [
  [
    'begin → looked for',
    service(stopped),
    { type: 'begin' },
    'spawning: looking',
    ['look scan'],
    { incarnation: incarnation(8) },
  ],
  [
    'begin, unmonitored → looked for, so that status is true',
    service(stopped, unmonitored),
    { type: 'begin' },
    'spawning: looking',
    ['look scan'],
  ],
  [
    'begin, stopped by an operator → ignored',
    service(stopped, down),
    { type: 'begin' },
    'stopped',
    [],
  ],
  [
    'desired up by configuration → looked for, failures forgotten',
    service(stopped, { ...unmonitored, ...failures }),
    wish('up'),
    'spawning: looking',
    ['look scan'],
    forgiven,
  ],
  [
    'desired up by the state file → waits for it to appear before it is started',
    service(stopped, { ...unmonitored, ...failures }),
    wish('up', 'state file'),
    'starting: appearing (said to run)',
    ['look scan'],
    { ...forgiven, actual: { deadline: later(30_000), nextLook: later(100) } },
  ],
  ['desired down → stays', service(stopped), wish('down', 'operator'), 'stopped', []],
  [
    'said to run → it may run although what it requires does not',
    service(waiting),
    saidToRun,
    'starting: appearing (said to run)',
    ['look scan'],
  ],
  ['said to run, waits for nothing → ignored', service(stopped), saidToRun, 'stopped', []],
  ['desired unmonitored → waits no longer', service(waiting), wish('unmonitored'), 'stopped', []],
  [
    'start → looked for, failures forgotten',
    service(stopped, failures),
    { type: 'start' },
    'spawning: looking',
    ['look scan'],
    forgiven,
  ],
  [
    'restart → looked for',
    service(stopped),
    { type: 'restart' },
    'spawning: looking',
    ['look scan'],
  ],
  ['reset → looked for', service(waiting), { type: 'reset' }, 'spawning: looking', ['look scan']],
  [
    'reset, stopped by an operator → only failures forgotten',
    service(stopped, { ...down, ...failures }),
    { type: 'reset' },
    'stopped',
    [],
    { ...forgiven, wish: 'down' },
  ],
  [
    'reconsider, nothing missing any more → looked for, failures remembered',
    service(waiting, { inRow: 2 }),
    { type: 'reconsider' },
    'spawning: looking',
    ['look scan'],
    { inRow: 2 },
  ],
  [
    'reconsider, still missing → waits for what is missing now',
    service(waiting),
    { type: 'reconsider' },
    'stopped (waits)',
    [],
    { actual: { waitingFor: ['cache'] } },
    { missing: ['cache'] },
  ],
  [
    'reconsider, the same is missing → ignored',
    service(waiting),
    { type: 'reconsider' },
    'stopped (waits)',
    [],
    { actual: { waitingFor: ['db'] } },
    { missing: ['db'] },
  ],
  [
    'reconsider, waits for nothing → ignored',
    service(stopped),
    { type: 'reconsider' },
    'stopped',
    [],
  ],
  [
    'reconsider, unmonitored → ignored',
    service(waiting, unmonitored),
    { type: 'reconsider' },
    'stopped (waits)',
    [],
  ],
  ['elapsed → ignored', service(stopped), elapsed, 'stopped', []],
  ['exited → ignored', service(stopped), exited(main), 'stopped', []],
  ['found → ignored', service(stopped), found(stranger), 'stopped', []],
  ['swept → ignored', service(stopped), swept, 'stopped', []],
]);
