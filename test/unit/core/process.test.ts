import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeExit, isSameProcess } from '../../../src/core/process.js';
import { after, hasCome, instant, millis, seconds } from '../../../src/core/units.js';
import { code, killed, process } from '../../helpers/services.js';

test('isSameProcess: number and start time; who its parent was does not matter', () => {
  const one = process(100);
  assert.ok(isSameProcess(one, { ...one, origin: 'adopted' }));
  assert.ok(!isSameProcess(one, { ...one, startTime: one.startTime + 1 }));
  assert.ok(!isSameProcess(one, { ...process(101), startTime: one.startTime }));
});

test('describeExit: by status, by signal, unknown', () => {
  const unknown = { type: 'unknown' } as const;
  assert.deepEqual([code(3), killed, unknown].map(describeExit), [
    'exit status 3',
    'killed by SIGKILL',
    'exit status unknown',
  ]);
});

test('hasCome: at the instant itself, too', () => {
  const deadline = after(instant(1000), seconds(1));
  assert.equal(deadline, after(instant(1000), millis(1000)));
  assert.deepEqual(
    [1999, 2000, 2001].map((at) => hasCome(deadline, instant(at))),
    [false, true, true],
  );
});
