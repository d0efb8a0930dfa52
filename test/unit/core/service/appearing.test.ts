import type { Actual, Service } from '../../../../src/core/service/record.js';
import { rows } from '../../../helpers/rows.js';
import {
  absent,
  actuals,
  ambiguous,
  backgroundSpec,
  command,
  elapsed,
  exited,
  found,
  later,
  main,
  now,
  overdue,
  problem,
  service as record,
  spawned,
  stranger,
  wish,
} from '../../../helpers/services.js';
import { pid } from '../../../../src/core/units.js';

const { appearing, saidToRun, lastLook } = actuals;

const service = (actual: Actual, changes: Partial<Service> = {}): Service =>
  record(actual, { spec: backgroundSpec(), leader: command, ...changes });

const searched = { spec: backgroundSpec({ pidfile: null }) };

rows('whenAppearing', [
  [
    'found → probation',
    service(appearing),
    found(main),
    'probation',
    [],
    { actual: { process: main, deadline: later(1000) } },
  ],
  [
    'found although the script failed → probation',
    service(lastLook),
    found(main),
    'probation',
    [],
    { inRow: 0 },
  ],
  ['found, said to run → adopted', service(saidToRun), found(stranger), 'running', []],
  [
    'spawned: its start command is found at work → its end is awaited',
    service(saidToRun, { leader: stranger }),
    spawned('start', command),
    'starting: launching',
    [],
    { actual: { command, deadline: later(30_000) } },
  ],
  [
    'spawned: the start command that was killed is still seen → looked for again soon',
    service(lastLook),
    spawned('start', command),
    'starting: appearing (last look)',
    [],
  ],
  [
    'absent → looked for again',
    service({ ...appearing, nextLook: now }),
    absent,
    'starting: appearing',
    [],
    { actual: { nextLook: later(100), deadline: later(30_000) } },
  ],
  [
    'absent at the last look → a failure, and the first has no delay',
    service(lastLook),
    absent,
    'spawning: sweeping',
    ['sweep'],
    { failures: [now], inRow: 1, lastProblem: problem },
  ],
  ['ambiguous → it may sort itself out', service(appearing), ambiguous, 'starting: appearing', []],
  [
    'ambiguous at the last look → neither adopted nor started',
    service(lastLook),
    ambiguous,
    'backoff',
    [],
    { inRow: 0, trouble: { type: 'ambiguous', pids: [pid(300), pid(301)] } },
  ],
  [
    'stirred → the pid file is read',
    service(appearing),
    { type: 'stirred' },
    'starting: appearing',
    ['look pidfile'],
  ],
  [
    'begin → looked for',
    service(appearing),
    { type: 'begin' },
    'starting: appearing',
    ['look scan'],
  ],
  ['elapsed too early → ignored', service(appearing), elapsed, 'starting: appearing', []],
  [
    'elapsed, next look → the pid file is read: what it names may be the daemon by now',
    service({ ...appearing, nextLook: now }),
    elapsed,
    'starting: appearing',
    ['look pidfile'],
    { actual: { nextLook: later(100), deadline: later(30_000) } },
  ],
  [
    'elapsed, next look, no pid file → searched for',
    service({ ...appearing, nextLook: now }, searched),
    elapsed,
    'starting: appearing',
    ['look scan'],
    { actual: { nextLook: later(100), deadline: later(30_000) } },
  ],
  [
    'elapsed → one last look, everywhere',
    service(overdue(appearing)),
    elapsed,
    'starting: appearing (last look)',
    ['look scan'],
    {
      actual: {
        problem: {
          code: 'ESM_START_TIMEOUT',
          message: 'Cannot start "web": /run/web.pid names no process that matches after 30 s',
          remedy: 'raise start_timeout if it needs longer',
        },
      },
    },
  ],
  [
    'elapsed, no pid file → one last look, and says what was missing',
    service(overdue(appearing), searched),
    elapsed,
    'starting: appearing (last look)',
    ['look scan'],
    {
      actual: {
        problem: {
          code: 'ESM_START_TIMEOUT',
          message: 'Cannot start "web": no process matches after 30 s',
          remedy: 'raise start_timeout if it needs longer',
        },
      },
    },
  ],
  [
    'elapsed, said to run → we start it ourselves, after one look',
    service(overdue(saidToRun)),
    elapsed,
    'spawning: looking',
    ['look scan'],
  ],
  [
    'desired down → one look for what has to be stopped',
    service(appearing),
    wish('down', 'operator'),
    'stopping: looking',
    ['look scan'],
  ],
  [
    'desired unmonitored → one look, so that status is true',
    service(appearing),
    wish('unmonitored', 'mode'),
    'spawning: looking',
    ['look scan'],
  ],
  ['desired up → goes on', service(saidToRun), wish('up'), 'starting: appearing (said to run)', []],
  [
    'start, said to run → an operator does not wait',
    service(saidToRun),
    { type: 'start' },
    'spawning: looking',
    ['look scan'],
  ],
  [
    'restart, said to run → an operator does not wait',
    service(saidToRun),
    { type: 'restart' },
    'spawning: looking',
    ['look scan'],
  ],
  ['start → it is being started', service(appearing), { type: 'start' }, 'starting: appearing', []],
  [
    'continued → has its full time again',
    service(overdue(appearing)),
    { type: 'continued' },
    'starting: appearing',
    [],
    { actual: { deadline: later(30_000) } },
  ],
  [
    'exited → ignored: nothing of it is known yet',
    service(appearing),
    exited(main),
    'starting: appearing',
    [],
  ],
]);
