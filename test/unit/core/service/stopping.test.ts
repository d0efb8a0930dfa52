import type { Actual, Service } from '../../../../src/core/service/record.js';
import { pid } from '../../../../src/core/units.js';
import { rows } from '../../../helpers/rows.js';
import {
  absent,
  actuals,
  ambiguous,
  backgroundSpec,
  code,
  command,
  down,
  elapsed,
  exited,
  found,
  killed,
  later,
  main,
  overdue,
  process,
  service as record,
  spawned,
  spec,
  stranger,
  swept,
  wall,
  wish,
} from '../../../helpers/services.js';

const { asking, askingStill, signalling, breakingOff, stoppingLast } = actuals;

const service = (actual: Actual, changes: Partial<Service> = {}): Service =>
  record(actual, { ...down, ...changes });
/** What is to run again once it is stopped. */
const restarted = { desired: 'up', desiredBy: 'configuration', wish: 'none' } as const;
const alone = { spec: spec({ kill: 'process' }) };
const several = { type: 'ambiguous', pids: [pid(300), pid(301)] } as const;

const signals = ['TERM group 100', 'CONT group 100'];
const expectedEnd = { process: main, at: wall, status: code(0), expected: true } as const;

rows('whenSignalling', [
  [
    'exited → stopped, its leftovers are swept',
    service(signalling),
    exited(main),
    'stopped',
    ['sweep'],
    { lastEnd: expectedEnd },
  ],
  [
    'exited, kill = "process" → what it leaves may live',
    service(signalling, alone),
    exited(main),
    'stopped',
    [],
  ],
  [
    'exited, another process → ignored',
    service(signalling),
    exited(stranger),
    'stopping: signalling',
    [],
  ],
  ['elapsed too early → ignored', service(signalling), elapsed, 'stopping: signalling', []],
  [
    'elapsed → SIGKILL',
    service(overdue(signalling)),
    elapsed,
    'stopping: signalling',
    ['KILL group 100'],
    { trouble: null, actual: { kills: 1, deadline: later(10_000) } },
  ],
  [
    'elapsed again → SIGKILL again, and it is said that it does not help',
    service(overdue({ ...signalling, kills: 1 as never })),
    elapsed,
    'stopping: signalling',
    ['KILL group 100'],
    { trouble: { type: 'unkillable', pid: main.pid }, actual: { kills: 2 } },
  ],
  [
    'exited after all → that is forgotten',
    service(signalling, { trouble: { type: 'unkillable', pid: main.pid } }),
    exited(main, killed),
    'stopped',
    ['sweep'],
    { trouble: null },
  ],
  [
    'the start command exited → one look for what came of it',
    service(breakingOff),
    exited(command),
    'stopping: looking',
    ['look scan'],
  ],
  [
    'elapsed, the start command → SIGKILL to its group',
    service(overdue(breakingOff), { leader: process(1) }),
    elapsed,
    'stopping: signalling (start command)',
    ['KILL group 200'],
  ],
  [
    'desired unmonitored → hands off',
    service(signalling, { trouble: { type: 'unkillable', pid: main.pid } }),
    wish('unmonitored', 'mode'),
    'running',
    [],
    { trouble: null, actual: { process: main } },
  ],
  [
    'desired unmonitored, the start command → its end is awaited',
    service(breakingOff, { spec: backgroundSpec() }),
    wish('unmonitored', 'mode'),
    'starting: launching',
    [],
    { actual: { command, deadline: Number.MAX_SAFE_INTEGER } },
  ],
  ['desired up → is stopped first', service(signalling), wish('up'), 'stopping: signalling', []],
  ['begin → goes on', service(signalling), { type: 'begin' }, 'stopping: signalling', []],
]);

rows('whenStopping, to run again', [
  [
    'exited → nothing is searched for: what outlives it is not the daemon',
    service(signalling, restarted),
    exited(main),
    'spawning: looking',
    ['look pidfile'],
    { inRow: 0 },
  ],
  [
    'exited late → searched for: others may have started it',
    service(signalling, restarted),
    exited(main, null, true),
    'spawning: looking',
    ['look scan'],
  ],
  [
    'the daemon exited before its stop command was there → looked for',
    service({ ...asking, command: null }, restarted),
    exited(main, null, true),
    'spawning: looking',
    ['look scan'],
  ],
  [
    'the stop command exited last → looked for',
    service(askingStill, restarted),
    exited(command),
    'spawning: looking',
    ['look pidfile'],
  ],
  [
    'nothing came of its start → looked for',
    service(stoppingLast, restarted),
    absent,
    'spawning: looking',
    ['look pidfile'],
  ],
]);

rows('whenLookingForTheLast', [
  ['found → is stopped', service(stoppingLast), found(main), 'stopping: signalling', signals],
  [
    'spawned: its start command is found at work → is broken off',
    service(stoppingLast, { spec: backgroundSpec() }),
    spawned('start', command),
    'stopping: signalling (start command)',
    ['TERM group 200', 'CONT group 200'],
    { leader: command },
  ],
  ['absent → stopped', service(stoppingLast), absent, 'stopped', ['sweep']],
  [
    'ambiguous → what is ours of them is killed',
    service(stoppingLast),
    ambiguous,
    'stopping: looking',
    ['sweep'],
    { trouble: several },
  ],
  [
    'swept → looked for again',
    service(stoppingLast, { trouble: several }),
    swept,
    'stopping: looking',
    ['look scan'],
    { trouble: several },
  ],
  [
    'ambiguous again → nobody knows which: none is stopped, and that is kept',
    service(stoppingLast, { trouble: several }),
    ambiguous,
    'stopped',
    [],
    { trouble: several },
  ],
  [
    'ambiguous, kill = "process" → none is killed',
    service(stoppingLast, alone),
    ambiguous,
    'stopped',
    [],
    { trouble: several },
  ],
  [
    'absent after that → stopped',
    service(stoppingLast, { trouble: several }),
    absent,
    'stopped',
    ['sweep'],
    { trouble: null },
  ],
  [
    'ambiguous, to run again → not started beside them',
    service(stoppingLast, restarted),
    ambiguous,
    'backoff',
    [],
  ],
  [
    'begin → looked for again',
    service(stoppingLast),
    { type: 'begin' },
    'stopping: looking',
    ['look scan'],
  ],
  [
    'begin, to run again → looked for',
    service(stoppingLast, restarted),
    { type: 'begin' },
    'spawning: looking',
    ['look scan'],
  ],
  [
    'desired unmonitored → the look only tells status',
    service(stoppingLast),
    wish('unmonitored', 'mode'),
    'spawning: looking',
    ['look scan'],
  ],
  ['elapsed → ignored', service(stoppingLast), elapsed, 'stopping: looking', []],
]);
