import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MonitorEvent, ServiceEvent } from '../../../../src/core/event/event.js';
import { describeWait, monitorLine, serviceLine } from '../../../../src/core/event/render.js';
import { pid } from '../../../../src/core/units.js';
import { code, killed, problem } from '../../../helpers/services.js';

const waits: readonly (readonly [number, string])[] = [
  [-1, '0 ms'],
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1 s'],
  [1500, '1.5 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_199_000, '120 min'],
  [7_200_000, '2 h'],
];

for (const [ms, words] of waits) {
  test(`describeWait: ${ms} → ${words}`, () => {
    assert.equal(describeWait(ms), words);
  });
}

const failed = { type: 'service.failed', failures: 6, retryInMs: 30_000, problem: null } as const;

const lines: readonly (readonly [ServiceEvent, string])[] = [
  [{ type: 'service.started', pid: pid(7), again: false }, '"web" was started, pid 7'],
  [{ type: 'service.started', pid: pid(7), again: true }, '"web" was restarted, pid 7'],
  [{ type: 'service.adopted', pid: pid(7), how: 'found' }, '"web" was found running, pid 7'],
  [{ type: 'service.adopted', pid: pid(7), how: 'moved' }, '"web" has replaced itself, pid 7'],
  [
    { type: 'service.adopted', pid: pid(7), how: 'resumed' },
    '"web" runs again: monitoring resumed, pid 7',
  ],
  [{ type: 'service.resumed', pid: pid(7) }, '"web" runs again, pid 7: monitoring resumed'],
  [
    { type: 'service.exited', pid: pid(7), status: code(3), expected: false },
    '"web" (pid 7) has ended: exit status 3',
  ],
  [
    { type: 'service.exited', pid: pid(7), status: killed, expected: false },
    '"web" (pid 7) has ended: killed by SIGKILL',
  ],
  [
    { type: 'service.exited', pid: pid(7), status: { type: 'unknown' }, expected: true },
    '"web" (pid 7) has ended: exit status unknown',
  ],
  [{ type: 'service.starting', command: '/bin/a b' }, '"web" is starting: /bin/a b'],
  [{ type: 'service.start-failed', problem }, '"web": Cannot do it'],
  [{ type: 'service.shortage', problem }, '"web": Cannot do it'],
  [{ type: 'service.warned', problem: { ...problem, remedy: 'try' } }, '"web": Cannot do it (try)'],
  [
    { type: 'service.backoff', failures: 3, retryInMs: 200 },
    '"web" has failed 3 times in a row: next start in 200 ms',
  ],
  [
    { ...failed, retry: 'restart' },
    '"web" has failed and is not restarted (6 failures); next try in 30 s',
  ],
  [
    { ...failed, retry: 'resume', failures: 1, problem },
    '"web" has failed and is not restarted (1 failure): Cannot do it; restart it, and monitoring resumes within 30 s',
  ],
  [
    { ...failed, retry: 'resume', retryInMs: null },
    '"web" has failed and is not restarted (6 failures); no further try',
  ],
  [
    { type: 'service.retry-failed', tries: 2, retryInMs: 60_000 },
    '"web" could not be restarted (try 2): next try in 60 s',
  ],
  [{ type: 'service.stopping', pid: pid(7) }, '"web" (pid 7) is stopping'],
  [{ type: 'service.stopping', pid: null }, '"web" is stopping'],
  [{ type: 'service.stopped' }, '"web" has stopped'],
  [{ type: 'service.waiting', for: ['db', 'dns'] }, '"web" waits for db, dns'],
  [
    { type: 'service.ambiguous', pids: [pid(7), pid(8)] },
    '"web" is neither adopted nor started: processes 7, 8 all match',
  ],
  [
    { type: 'service.ambiguous', pids: [pid(7)] },
    '"web" is neither adopted nor started: process 7 matches and cannot be held',
  ],
  [
    { type: 'service.unkillable', pid: pid(7) },
    '"web" (pid 7) does not end although it was killed',
  ],
  [{ type: 'service.desired', desired: 'up', by: 'state file' }, '"web" is to run (state file)'],
  [
    { type: 'service.desired', desired: 'down', by: 'operator' },
    '"web" is to be stopped (operator)',
  ],
  [
    { type: 'service.desired', desired: 'unmonitored', by: 'state file' },
    '"web" is not monitored (state file)',
  ],
  [{ type: 'service.differs' }, '"web" runs with an older definition until its next start'],
  [{ type: 'service.added' }, '"web" was added'],
  [{ type: 'service.forgotten', pid: null }, '"web" was removed from the configuration'],
  [
    { type: 'service.forgotten', pid: pid(7) },
    '"web" was removed from the configuration: pid 7 is left running',
  ],
];

for (const [event, line] of lines) {
  test(`serviceLine: ${line}`, () => {
    assert.equal(serviceLine('web', event), line);
  });
}

const monitorLines: readonly (readonly [MonitorEvent, string])[] = [
  [{ type: 'monitor.mode', mode: 'boot' }, 'mode boot'],
  [{ type: 'monitor.state-file', problem: null }, 'the state file is readable again'],
  [{ type: 'monitor.state-file', problem }, 'Cannot do it'],
  [
    { type: 'monitor.configured', services: 3, problems: 0 },
    '3 services configured, with no problems',
  ],
  [
    { type: 'monitor.configured', services: 1, problems: 1 },
    '1 service configured, with 1 problem',
  ],
  [{ type: 'monitor.problem', problem: { ...problem, file: 'x.toml' } }, 'x.toml: Cannot do it'],
  [{ type: 'monitor.notice' }, 'a sentence'],
];

for (const [event, line] of monitorLines) {
  test(`monitorLine: ${line}`, () => {
    assert.equal(monitorLine(event, 'a sentence'), line);
  });
}
