/** esm-events(7) gives each event of a service the severity that it is published with. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeService } from '../../../src/config/service.js';
import type { Severity } from '../../../src/core/event/event.js';
import { serviceEvents } from '../../../src/core/monitor/announce-service.js';
import type { Process } from '../../../src/core/process.js';
import { fresh, type Actual, type Service } from '../../../src/core/service/record.js';
import { instant, millis, pid, wallClock } from '../../../src/core/units.js';
import { Page } from './page.js';

const { spec } = decodeService('x.toml', 'x', 'command = ["/x"]');
assert.ok(spec !== null);
const stopped = fresh(spec, { now: instant(0), wall: wallClock(0) });
const process: Process = { pid: pid(7), startTime: 1, origin: 'child' };
const problem = { code: 'ESM_START_FAILED', message: 'no' };
const deadline = instant(1);

const be = (actual: Actual, rest: Partial<Service> = {}): Service => ({
  ...stopped,
  actual,
  desired: 'up',
  desiredBy: 'configuration',
  ...rest,
});

const asked = be({ state: 'spawning', phase: 'asked' });
const running = be({ state: 'running', process });
const stopping = be({ state: 'stopping', phase: 'looking' });
const failed = { actual: { state: 'failed', deadline } } as const;
const givenUp = { tries: 1, interval: millis(1) };
const ended = (expected: boolean): Partial<Service> => ({
  lastEnd: { process, at: wallClock(0), status: { type: 'code', code: 1 }, expected },
});
const on = (actual: Actual, rest: Partial<Service> = {}) => [asked, be(actual, rest)] as const;

/** A change after which the event is published, and perhaps others. */
const changes: Readonly<
  Record<string, readonly (readonly [Service | undefined, Service | undefined])[]>
> = {
  'service.started': [on({ state: 'probation', process, deadline })],
  'service.adopted': [on({ state: 'running', process })],
  'service.resumed': [[be({ state: 'probation', process, deadline }, { givenUp }), running]],
  'service.exited': [
    [running, { ...running, ...ended(false) }],
    [running, { ...running, ...ended(true) }],
  ],
  'service.starting': [on({ state: 'starting', phase: 'launching', command: process, deadline })],
  'service.start-failed': [[asked, { ...asked, lastProblem: problem }]],
  'service.backoff': [on({ state: 'backoff', deadline, wait: millis(1) }, { inRow: 2 })],
  'service.failed': [[asked, { ...asked, ...failed, givenUp }]],
  'service.retry-failed': [
    [
      { ...asked, givenUp },
      { ...asked, ...failed, givenUp },
    ],
  ],
  'service.stopping': [[running, stopping]],
  'service.stopped': [[stopping, stopped]],
  'service.waiting': [on({ state: 'stopped', waitingFor: ['y'] })],
  'service.ambiguous': [[asked, { ...asked, trouble: { type: 'ambiguous', pids: [] } }]],
  'service.unkillable': [[asked, { ...asked, trouble: { type: 'unkillable', pid: pid(7) } }]],
  'service.shortage': [[asked, { ...asked, trouble: { type: 'shortage', problem } }]],
  'service.warned': [[asked, { ...asked, warnings: [problem] }]],
  'service.desired': [[running, { ...running, desired: 'down', desiredBy: 'operator' }]],
  'service.differs': [[running, { ...running, launched: 'another' }]],
  'service.added': [[undefined, asked]],
  'service.forgotten': [[running, undefined]],
};

const items = new Page('esm-events.7').items('EVENTS OF A SERVICE');

for (const { term, text } of items) {
  const type = term.replace('sys.unix.esm.', '');
  test(`esm-events(7): the severity of ${type}`, () => {
    const published = new Set<Severity>();
    for (const [before, after] of changes[type] ?? []) {
      for (const [event, severity] of serviceEvents(before, after)) {
        if (event.type === type) published.add(severity);
      }
    }
    const [first = ''] = text.split('.');
    const words = /emergency|alert|critical|error|warning|notice|info|debug/gi;
    const told = [...first.matchAll(words)].map(([word]) => word.toLowerCase());
    // With the option -a an emergency is an alert.
    if (published.has('emergency')) published.add('alert');
    assert.deepEqual([...told].sort(), [...published].sort());
  });
}
