import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Monitor } from '../../../src/core/monitor/monitor.js';
import { step } from '../../../src/core/service/step.js';
import type { Service } from '../../../src/core/service/record.js';
import { pid } from '../../../src/core/units.js';
import { HeldProcesses } from '../../../src/daemon/held-processes.js';
import { Look } from '../../../src/daemon/look.js';
import { restore } from '../../../src/daemon/restore.js';
import { Kernel } from '../../helpers/kernel.js';
import { actuals, context, main, service } from '../../helpers/services.js';

/** What the next esmd makes of a record: who is held, and what nobody saw. */
function restored(record: Service, kernel: Kernel): ReturnType<typeof restore> {
  return restore([record], kernel.os, new HeldProcesses());
}

/** What it answers to its first search for the service. */
function firstLook({ services }: Monitor, kernel: Kernel): string {
  const record = services.get('web');
  assert.ok(record !== undefined);
  const [next, [action]] = step(record, { type: 'begin' }, context());
  assert.equal(action?.type, 'look');
  const look = new Look(kernel.os, new Map([['web', next]]), () => null, {
    since: 9000,
    done: new WeakSet(),
  });
  return look.perform(action)[0].type;
}

describe('a process that the table names', () => {
  const record = service({ ...actuals.running, process: main });

  test('is held if it has the number and the start time', () => {
    const kernel = new Kernel();
    kernel.add({ pid: main.pid, startTime: main.startTime });
    assert.deepEqual(restored(record, kernel).inputs, []);
    assert.deepEqual(
      [...kernel.held].map((held) => held.pid),
      [main.pid],
    );
  });

  test('has ended if another has its number, which is let go', () => {
    const kernel = new Kernel();
    kernel.add({ pid: main.pid, startTime: main.startTime + 1 });
    const [input] = restored(record, kernel).inputs;
    assert.ok(input?.type === 'service' && input.input.type === 'exited');
    assert.deepEqual([input.input.process, input.input.late], [main, true]);
    assert.equal(kernel.held.size, 0);
  });
});

describe('a start that was asked for when the table was written', () => {
  const record = service(actuals.asked);
  const child = (number: number) => ({
    pid: pid(500),
    exe: '/opt/daemon',
    marker: { service: 'web', incarnation: number },
  });

  test('is known by its marker, if it was made', () => {
    const kernel = new Kernel();
    kernel.add(child(record.incarnation));
    assert.equal(firstLook(restored(record, kernel).monitor, kernel), 'spawned');
  });

  test('is not what is left of an earlier life', () => {
    const kernel = new Kernel();
    kernel.add(child(record.incarnation - 1));
    assert.equal(firstLook(restored(record, kernel).monitor, kernel), 'absent');
  });
});
