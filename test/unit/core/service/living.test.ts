import type { Service } from '../../../../src/core/service/record.js';
import { seconds } from '../../../../src/core/units.js';
import { rows } from '../../../helpers/rows.js';
import {
  absent,
  actuals,
  backgroundSpec,
  code,
  command,
  elapsed,
  exited,
  found,
  killed,
  later,
  main,
  now,
  overdue,
  problem,
  process,
  service,
  spec,
  stranger,
  unmonitored,
  wall,
  wish,
} from '../../../helpers/services.js';

const { probation, running } = actuals;

const failures: Partial<Service> = { failures: [later(-10)], inRow: 3, lastProblem: problem };
const forgiven = { failures: [], inRow: 0, givenUp: null, lastProblem: null } as const;
const stopCommand = spec({ stop: ['/etc/init.d/web', 'stop'] });

/** A daemon in the background, which its start command left behind. */
const background: Partial<Service> = { spec: backgroundSpec(), leader: command };
const searched: Partial<Service> = { spec: backgroundSpec({ pidfile: null }), leader: command };

rows('whenProbation', [
  ['elapsed too early → ignored', service(probation), elapsed, 'probation', []],
  [
    'elapsed → trusted, the row of failures is over',
    service(overdue(probation), failures),
    elapsed,
    'running',
    [],
    { inRow: 0, lastProblem: null, failures: [later(-10)], actual: { process: main } },
  ],
  [
    'elapsed, given up → monitoring resumes, all forgotten',
    service(overdue(probation), { ...failures, givenUp: { tries: 3, interval: seconds(60) } }),
    elapsed,
    'running',
    [],
    forgiven,
  ],
  [
    'exited → asked for again at once, failure counted',
    service(probation, { spec: spec({ kill: 'process' }) }),
    exited(main, killed),
    'spawning: asked',
    ['spawn main'],
    {
      failures: [now],
      inRow: 1,
      lastEnd: { process: main, at: wall, status: killed, expected: false },
    },
  ],
  [
    'exited, in the background → looked for: it may have forked once more',
    service(probation, background),
    exited(main),
    'spawning: looking (after a death)',
    ['look scan'],
  ],
  [
    'continued → has to live its full probation',
    service(overdue(probation)),
    { type: 'continued' },
    'probation',
    [],
    { actual: { deadline: later(1000) } },
  ],
]);

for (const [handler, actual] of [
  ['whenProbation', probation],
  ['whenRunning', running],
] as const) {
  rows(handler, [
    [
      'exited → its leftovers are swept, then it is asked for',
      service(actual),
      exited(main, code(3)),
      'spawning: sweeping',
      ['sweep'],
      { failures: [now], inRow: 1, actual: { deadline: later(10_000) } },
    ],
    [
      'exited, second failure in a row → backoff, and its leftovers are swept meanwhile',
      service(actual, { failures: [later(-10)], inRow: 1 }),
      exited(main, code(3)),
      'backoff',
      ['sweep'],
      { inRow: 2, actual: { deadline: later(100), wait: 100 } },
    ],
    [
      'exited, sixth failure → failed, and its leftovers are swept',
      service(actual, { failures: [1, 2, 3, 4, 5].map(later), inRow: 0 }),
      exited(main, code(3)),
      'failed',
      ['sweep'],
      { givenUp: { tries: 0, interval: seconds(30) }, actual: { deadline: later(30_000) } },
    ],
    [
      'exited, sixth failure in a row → failed, however far apart',
      service(actual, { failures: [later(-60_000)], inRow: 5 }),
      exited(main, code(3)),
      'failed',
      ['sweep'],
      { failures: [now], inRow: 6 },
    ],
    [
      'exited, failed before → failed again, the interval grows',
      service(actual, { givenUp: { tries: 2, interval: seconds(120) } }),
      exited(main, code(3)),
      'failed',
      ['sweep'],
      { givenUp: { tries: 3, interval: seconds(240) }, actual: { deadline: later(240_000) } },
    ],
    [
      'exited, kill = "process" → backoff, its children may live',
      service(actual, { inRow: 1, spec: spec({ kill: 'process' }) }),
      exited(main, code(3)),
      'backoff',
      [],
    ],
    [
      'exited, a requirement is missing → waits, and its leftovers are swept',
      service(actual),
      exited(main, code(3)),
      'stopped (waits)',
      ['sweep'],
      { inRow: 1, actual: { waitingFor: ['db'] } },
      { missing: ['db'] },
    ],
    ['exited, another process → ignored', service(actual), exited(stranger), actual.state, []],
    [
      'exited, same number but another process → ignored',
      service(actual),
      exited({ ...main, startTime: 5 }),
      actual.state,
      [],
    ],
    [
      'exited late → looked for: it may have been restarted by hand',
      service(actual),
      exited(main, null, true),
      'spawning: looking (after a death)',
      ['look scan'],
      { lastEnd: { process: main, at: wall, status: null, expected: false } },
    ],
    [
      'exited, own child with a pid file → the file may name another',
      service(actual, { spec: spec({ pidfile: '/run/web.pid' }) }),
      exited(main),
      'spawning: looking (after a death)',
      ['look pidfile'],
    ],
    [
      'exited, unmonitored → stopped, as expected',
      service(actual, unmonitored),
      exited(main),
      'stopped',
      [],
      { inRow: 0, lastEnd: { process: main, at: wall, status: code(0), expected: true } },
    ],
    [
      'desired down → stop signal to its group',
      service(actual),
      wish('down', 'operator'),
      'stopping: signalling',
      ['TERM group 100', 'CONT group 100'],
      { actual: { kills: 0, deadline: later(10_000) } },
    ],
    [
      'desired down, kill = "process" → stop signal to it alone',
      service(actual, { spec: spec({ kill: 'process', stopSignal: 'INT' }) }),
      wish('down', 'operator'),
      'stopping: signalling',
      ['INT process 100', 'CONT process 100'],
    ],
    [
      'desired down, adopted → its group is not ours',
      service(actual, { leader: process(99) }),
      wish('down', 'operator'),
      'stopping: signalling',
      ['TERM process 100', 'CONT process 100'],
    ],
    [
      'desired down, never started by us → its group is not ours',
      service(actual, { leader: null }),
      wish('down', 'operator'),
      'stopping: signalling',
      ['TERM process 100', 'CONT process 100'],
    ],
    [
      'desired down, with a stop command → that first',
      service(actual, { spec: stopCommand }),
      wish('down', 'operator'),
      'stopping: asking',
      ['spawn stop'],
      { actual: { process: main, command: null, deadline: later(10_000) } },
    ],
    [
      'desired unmonitored → watched, failures forgotten',
      service(actual, failures),
      wish('unmonitored', 'mode'),
      'running',
      [],
      { ...forgiven, actual: { process: main } },
    ],
    [
      'desired up → goes on, failures remembered',
      service(actual, failures),
      wish('up', 'state file'),
      actual.state,
      [],
      { inRow: 3 },
    ],
    [
      'restart → is stopped first, failures forgotten',
      service(actual, failures),
      { type: 'restart' },
      'stopping: signalling',
      ['TERM group 100', 'CONT group 100'],
      forgiven,
    ],
    [
      'restart, unmonitored → ignored',
      service(actual, unmonitored),
      { type: 'restart' },
      actual.state,
      [],
    ],
    [
      'start → runs, failures forgotten',
      service(actual, failures),
      { type: 'start' },
      actual.state,
      [],
      forgiven,
    ],
    [
      'reset → never bounced, failures forgotten',
      service(actual, failures),
      { type: 'reset' },
      actual.state,
      [],
      forgiven,
    ],
    ['begin → ignored: its process is held', service(actual), { type: 'begin' }, actual.state, []],
    ['found → ignored', service(actual), found(stranger), actual.state, []],
    ['absent → ignored', service(actual), absent, actual.state, []],
  ]);
}

rows('whenRunning', [
  ['elapsed → ignored', service(running), elapsed, 'running', []],
  ['continued → ignored', service(running), { type: 'continued' }, 'running', []],
  [
    'exited, in the background → the pid file may name another',
    service(running, background),
    exited(main),
    'spawning: looking (after a death)',
    ['look pidfile'],
  ],
  [
    'exited, in the background without a pid file → restarted: a search would find its workers',
    service(running, searched),
    exited(main),
    'spawning: sweeping',
    ['sweep'],
  ],
  [
    'exited, never started by us → restarted: we saw it end',
    service(running, { leader: null }),
    exited(main),
    'spawning: sweeping',
    ['sweep'],
  ],
]);
