import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderEvent, renderMissed } from '../../../src/cli/render/event.js';
import { ago, clockTime, isoTime, span } from '../../../src/cli/render/time.js';
import { bytes, renderTop } from '../../../src/cli/render/top.js';
import type { View } from '../../../src/cli/render/view.js';
import { familyUse } from '../../../src/cli/sample.js';
import { wallClock } from '../../../src/core/units.js';
import { aService, aTime, FakeDaemon } from '../../helpers/fake-daemon.js';

const pipe: View = { columns: null, colour: false, now: Date.parse(aTime) + 90_000 };

test('span and ago: one unit, and never negative', () => {
  const rows: readonly [number, string][] = [
    [-5, '0s'],
    [999, '0s'],
    [1000, '1s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [3_599_999, '59m'],
    [86_399_999, '23h'],
    [86_400_000 * 400, '400d'],
  ];
  for (const [ms, text] of rows) assert.equal(span(ms), text);
  assert.equal(ago(aTime, pipe.now), '1m');
  assert.equal(ago('soon', pipe.now), 'soon');
});

test('times: of day where the reader is, ISO 8601 elsewhere, and any number at all', () => {
  const noon = new Date(2026, 2, 1, 12, 0, 0, 7).getTime();
  const hour = 3_600_000;
  assert.equal(clockTime(noon, noon + 11 * hour), '12:00:00.007');
  assert.equal(clockTime(noon, noon + 13 * hour), '2026-03-01 12:00:00.007');
  assert.equal(clockTime(noon, noon - 13 * hour), '2026-03-01 12:00:00.007');
  assert.equal(isoTime(Date.parse(aTime)), aTime);
  assert.equal(isoTime(1e300), '1e+300');
  assert.match(clockTime(1e300, noon), /NaN/);
});

test('an event is one line, here for people and there for programs', () => {
  const daemon = new FakeDaemon();
  const event = daemon.publish('cron', { type: 'service.stopped' }, 'cron stopped\n\x1b[2J');
  assert.equal(
    renderEvent(event, pipe),
    '2026-03-01T12:00:00.001Z 1 info service.stopped cron cron stopped\\x0a\\x1b[2J\n',
  );
  assert.match(
    renderEvent(event, { ...pipe, columns: 80 }),
    /^\d\d:\d\d:00\.001 cron stopped\\x0a\\x1b\[2J\n$/,
  );
  const bare = { ...event, service: null, at: wallClock(0), severity: 'alert' as const };
  assert.match(renderEvent(bare, pipe), /^1970-01-01T00:00:00\.000Z 1 alert service\.stopped - /);
  assert.match(renderEvent(bare, { ...pipe, columns: 80 }), /^(1970-01-01|1969-12-31) \d\d:/);
  assert.ok(renderEvent(bare, { ...pipe, columns: 80, colour: true }).includes('\x1b[31mcron'));
});

test('missed events are said', () => {
  assert.equal(renderMissed(1, pipe), '# 1 event was missed here\n');
  assert.equal(renderMissed(12, { ...pipe, columns: 80 }), '12 events were missed here\n');
});

test('bytes: three figures and a unit', () => {
  const rows: readonly [number, string][] = [
    [0, '0K'],
    [862_208, '842K'],
    [1_468_006, '1.4M'],
    [104_857_600, '100M'],
    [27_165_455_155, '25.3G'],
    [1e18, '909495T'],
  ];
  for (const [count, text] of rows) assert.equal(bytes(count), text);
});

test('top: a service’s use is that of its whole family, the greatest first', () => {
  const processes = [
    { pid: 1, parentPid: 0, cpu: 1, memory: 1 },
    { pid: 10, parentPid: 1, cpu: 2, memory: 1024 },
    { pid: 11, parentPid: 10, cpu: 3, memory: 2048 },
    { pid: 12, parentPid: 11, cpu: 4, memory: 4096 },
    { pid: 20, parentPid: 1, cpu: 0.5, memory: 512 },
  ];
  const sample = { processes, cpu: 12.34, memoryUsed: 1024 ** 3, memoryTotal: 8 * 1024 ** 3 };
  const useOf = familyUse(sample);
  assert.deepEqual(useOf(10), { processes: 3, cpu: 9, memory: 7168 });
  assert.equal(useOf(99), null);
  const daemon = new FakeDaemon(
    aService('small', { pid: 20 }),
    aService('gone', { pid: 99 }),
    aService('big', { pid: 10 }),
    aService('down', { pid: null, state: 'stopped' }),
  );
  const text = renderTop({ status: daemon.status(), sample, useOf }, pipe);
  assert.equal(
    text,
    `esmd 1000, mode run, since ${aTime}
cpu 12.3 %, memory 1.0G of 8.0G
NAME   STATE    PID  PROCS  CPU%  MEMORY  SINCE  RESTARTS
big    running   10      3   9.0      7K     1m         0
small  running   20      1   0.5      1K     1m         0
down   stopped    -      -     -       -     1m         0
gone   running   99      -     -       -     1m         0
`,
  );
});

test('top: processes that are each other’s parents are counted once', () => {
  const processes = [
    { pid: 5, parentPid: 6, cpu: 1, memory: 1 },
    { pid: 6, parentPid: 5, cpu: 1, memory: 1 },
  ];
  const useOf = familyUse({ processes, cpu: 0, memoryUsed: 0, memoryTotal: 0 });
  assert.equal(useOf(5)?.processes, 2);
});
