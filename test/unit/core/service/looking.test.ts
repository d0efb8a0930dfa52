import type { Service } from '../../../../src/core/service/record.js';
import { seconds } from '../../../../src/core/units.js';
import { rows } from '../../../helpers/rows.js';
import {
  absent,
  actuals,
  ambiguous,
  backgroundSpec,
  elapsed,
  found,
  later,
  main,
  now,
  policy,
  service,
  spec,
  stranger,
  unmonitored,
  wish,
} from '../../../helpers/services.js';

const { looking, lookingAfterDeath } = actuals;

const background = { spec: backgroundSpec() };
const alone = { spec: spec({ kill: 'process' }) };
const ourShare: Partial<Service> = { launched: 'digest', leader: main };
const givenUp: Partial<Service> = {
  givenUp: { tries: 0, interval: seconds(30) },
  failures: [now],
  inRow: 6,
};
const forgiven = { failures: [], inRow: 0, givenUp: null } as const;

rows('whenLooking', [
  [
    'begin → looked for again',
    service(looking),
    { type: 'begin' },
    'spawning: looking',
    ['look scan'],
  ],
  [
    'begin after a death → its absence is still a failure',
    service(lookingAfterDeath),
    { type: 'begin' },
    'spawning: looking (after a death)',
    ['look scan'],
  ],
  [
    'found → adopted',
    service(looking, ourShare),
    found(stranger),
    'running',
    [],
    { launched: null, actual: { process: stranger } },
  ],
  [
    'found, and it is the one we started → its definition is still known',
    service(looking, ourShare),
    found(main),
    'running',
    [],
    { launched: 'digest' },
  ],
  [
    'found after a death → it has moved',
    service(lookingAfterDeath),
    found(stranger),
    'running',
    [],
  ],
  [
    'found, given up → monitoring resumes, all forgotten',
    service(looking, givenUp),
    found(stranger),
    'running',
    [],
    forgiven,
  ],
  ['found, unmonitored → watched', service(looking, unmonitored), found(stranger), 'running', []],
  [
    'absent → what is left of it is swept',
    service(looking),
    absent,
    'spawning: sweeping',
    ['sweep'],
  ],
  [
    'absent, nothing to sweep → asked for',
    service(looking, alone),
    absent,
    'spawning: asked',
    ['spawn main'],
  ],
  [
    'absent, in the background → its start command is asked for',
    service(looking, { spec: backgroundSpec({ kill: 'process' }) }),
    absent,
    'spawning: asked',
    ['spawn start'],
    { leader: null },
  ],
  [
    'absent after a death → a failure, and the first has no delay',
    service(lookingAfterDeath),
    absent,
    'spawning: sweeping',
    ['sweep'],
    { failures: [now], inRow: 1 },
  ],
  ['absent, unmonitored → stopped', service(looking, unmonitored), absent, 'stopped', []],
  [
    'absent after a death, unmonitored meanwhile → stopped',
    service(lookingAfterDeath, unmonitored),
    absent,
    'stopped',
    [],
    { inRow: 0 },
  ],
  [
    'absent, given up and only watched for → failed, the same interval',
    service(looking, { ...background, ...givenUp }),
    absent,
    'failed',
    [],
    { givenUp: { tries: 1, interval: seconds(30) }, actual: { deadline: later(30_000) } },
  ],
  [
    'absent, given up and tried again → swept before the try',
    service(looking, givenUp),
    absent,
    'spawning: sweeping',
    ['sweep'],
    { givenUp: { tries: 0, interval: seconds(30) } },
  ],
  [
    'ambiguous → neither adopted nor started',
    service(looking),
    ambiguous,
    'backoff',
    [],
    {
      trouble: { type: 'ambiguous', pids: [300, 301] as never },
      inRow: 0,
      actual: { deadline: later(30_000) },
    },
  ],
  [
    'ambiguous, no interval set → looked at again in half a minute',
    service(looking, { spec: spec({ restart: { ...policy, retryInterval: null } }) }),
    ambiguous,
    'backoff',
    [],
    { actual: { deadline: later(30_000), wait: 30_000 } },
  ],
  ['ambiguous, unmonitored → stopped', service(looking, unmonitored), ambiguous, 'stopped', []],
  [
    'desired down → one look for what has to be stopped',
    service(looking),
    wish('down', 'operator'),
    'stopping: looking',
    ['look scan'],
  ],
  [
    'desired unmonitored → the answer decides',
    service(looking),
    wish('unmonitored'),
    'spawning: looking',
    [],
  ],
  ['desired up → goes on', service(looking), wish('up', 'state file'), 'spawning: looking', []],
  ['elapsed → ignored', service(looking), elapsed, 'spawning: looking', []],
]);
