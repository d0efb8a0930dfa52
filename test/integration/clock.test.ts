/** The clocks and the alarm, with real time. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { instant, millis, after, type Instant } from '../../src/core/units.js';
import { createAlarm } from '../../src/os/alarm.js';
import { clock } from '../../src/os/clock.js';
import { waitFor } from '../helpers/wait-for.js';

test('now is the monotonic clock of the machine, the same for every process', () => {
  const [uptime = ''] = readFileSync('/proc/uptime', 'latin1').split(' ');
  const module = new URL('../../src/os/clock.js', import.meta.url).href;
  const program = `import { clock } from '${module}'; console.log(clock.now());`;
  const before = clock.now();
  const args = ['--input-type=module', '-e', program];
  const other = Number(execFileSync(process.execPath, args, { encoding: 'latin1' }));
  const later = clock.now();
  assert.ok(before < other && other < later, `${before} ${other} ${later}`);
  // CLOCK_BOOTTIME, which /proc/uptime shows, differs by the time the machine was suspended.
  assert.ok(before <= Number(uptime) * 1000 + 1000);
  assert.ok(Math.abs(clock.wall() - Date.now()) < 1000);
});

test('bootTicks is the clock of start times', () => {
  const before = clock.bootTicks();
  const args = ['-c', 'cat /proc/$$/stat'];
  const stat = execFileSync('/bin/sh', args, { encoding: 'latin1' });
  const later = clock.bootTicks();
  // Field 22 of all, and the 20th behind the name: proc_pid_stat(5).
  const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  assert.ok(before <= started && started <= later, `${before} ${started} ${later}`);
});

test('an alarm rings once for each instant that was set, and never early', async () => {
  const rung: Instant[] = [];
  const alarm = createAlarm(clock, () => rung.push(clock.now()));
  for (const ms of [0.2, 1, 7.5, 20]) {
    const at = after(clock.now(), millis(ms));
    rung.length = 0;
    alarm.set(at);
    alarm.set(at);
    await waitFor(() => rung.length > 0, { what: `the alarm in ${ms} ms` });
    assert.ok((rung[0] ?? 0) >= at);
    assert.equal(rung.length, 1);
  }
});

test('an instant that has passed rings in the next turn, not within set()', async () => {
  let rung = 0;
  const alarm = createAlarm(clock, () => (rung += 1));
  alarm.set(instant(0));
  assert.equal(rung, 0);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(rung, 1);
  alarm.set(instant(0));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(rung, 2, 'the same instant can be set again after it has rung');
});

test('what is set again or disarmed does not ring', async () => {
  let rung = 0;
  const alarm = createAlarm(clock, () => (rung += 1));
  alarm.set(after(clock.now(), millis(5)));
  alarm.set(null);
  alarm.set(instant(0));
  alarm.set(after(clock.now(), millis(30)));
  await new Promise((resolve) => setTimeout(resolve, 15));
  assert.equal(rung, 0);
  await waitFor(() => rung === 1, { what: 'the one that counts' });
});

test('an alarm may be set from within its own ringing', async () => {
  let rung = 0;
  const alarm = createAlarm(clock, () => {
    rung += 1;
    if (rung < 5) alarm.set(instant(0));
  });
  alarm.set(instant(0));
  await waitFor(() => rung === 5, { what: 'five rings' });
});

test('an instant beyond the reach of a timer is waited for, not rung at once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = instant(0);
  let rung = 0;
  const alarm = createAlarm({ ...clock, now: () => now }, () => (rung += 1));
  const reach = 2 ** 31 - 1;
  alarm.set(instant(reach * 2.5));
  for (const turn of [1, 2]) {
    now = instant(reach * turn);
    t.mock.timers.tick(reach);
    assert.equal(rung, 0);
  }
  now = instant(reach * 2.5);
  t.mock.timers.tick(reach);
  assert.equal(rung, 1);
});
