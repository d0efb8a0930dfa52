import type { Actual, Service } from '../../../../src/core/service/record.js';
import { rows } from '../../../helpers/rows.js';
import {
  actuals,
  backgroundSpec,
  code,
  command,
  elapsed,
  exited,
  killed,
  later,
  overdue,
  service as record,
  stranger,
  unmonitored,
  wish,
} from '../../../helpers/services.js';

const { launching } = actuals;

const service = (actual: Actual, changes: Partial<Service> = {}): Service =>
  record(actual, { spec: backgroundSpec(), leader: command, ...changes });

const searched = { spec: backgroundSpec({ pidfile: null }) };

rows('whenLaunching', [
  [
    'exited 0 → reads the pid file until it names the daemon',
    service(launching),
    exited(command),
    'starting: appearing',
    ['look pidfile'],
    { actual: { deadline: later(30_000), nextLook: later(100), problem: null } },
  ],
  [
    'exited 0, no pid file → is searched for',
    service(launching, searched),
    exited(command),
    'starting: appearing',
    ['look scan'],
    { actual: { nextLook: later(100) } },
  ],
  [
    'exited 1 → one last look: it may run although the script failed',
    service(launching),
    exited(command, code(1)),
    'starting: appearing (last look)',
    ['look scan'],
    {
      actual: {
        problem: {
          code: 'ESM_START_FAILED',
          message: 'Cannot start "web": its start command ended with exit status 1',
        },
      },
    },
  ],
  [
    'killed → one last look',
    service(launching),
    exited(command, killed),
    'starting: appearing (last look)',
    ['look scan'],
  ],
  [
    'exited, status unknown → no failure',
    service(launching),
    exited(command, { type: 'unknown' }),
    'starting: appearing',
    ['look pidfile'],
  ],
  [
    'exited, status not told → no failure',
    service(launching),
    exited(command, null, true),
    'starting: appearing',
    ['look pidfile'],
  ],
  [
    'exited, unmonitored → one look, so that status is true',
    service(launching, unmonitored),
    exited(command),
    'spawning: looking',
    ['look scan'],
  ],
  [
    'exited, another process → ignored',
    service(launching),
    exited(stranger),
    'starting: launching',
    [],
  ],
  ['elapsed too early → ignored', service(launching), elapsed, 'starting: launching', []],
  [
    'elapsed → its group is killed, and one last look',
    service(overdue(launching)),
    elapsed,
    'starting: appearing (last look)',
    ['KILL group 200', 'look scan'],
    {
      actual: {
        deadline: later(30_000),
        problem: {
          code: 'ESM_START_TIMEOUT',
          message: 'Cannot start "web": its start command was still running after 30 s',
          remedy: 'raise start_timeout if it needs longer',
        },
      },
    },
  ],
  [
    'desired down → its group gets the stop signal',
    service(launching),
    wish('down', 'operator'),
    'stopping: signalling (start command)',
    ['TERM group 200', 'CONT group 200'],
  ],
  [
    'desired unmonitored → left alone for as long as it takes',
    service(launching),
    wish('unmonitored', 'mode'),
    'starting: launching',
    [],
    { actual: { deadline: Number.MAX_SAFE_INTEGER } },
  ],
  [
    'desired up again → has its full time',
    service({ ...launching, deadline: Number.MAX_SAFE_INTEGER as never }, unmonitored),
    wish('up'),
    'starting: launching',
    [],
    { actual: { deadline: later(30_000) } },
  ],
  [
    'continued → has its full time again',
    service(overdue(launching)),
    { type: 'continued' },
    'starting: launching',
    [],
    { actual: { deadline: later(30_000) } },
  ],
  [
    'continued, unmonitored → still as long as it takes',
    service({ ...launching, deadline: Number.MAX_SAFE_INTEGER as never }, unmonitored),
    { type: 'continued' },
    'starting: launching',
    [],
    { actual: { deadline: Number.MAX_SAFE_INTEGER } },
  ],
  [
    'begin → goes on: its end is still awaited',
    service(launching),
    { type: 'begin' },
    'starting: launching',
    [],
  ],
  ['stirred → ignored', service(launching), { type: 'stirred' }, 'starting: launching', []],
]);
