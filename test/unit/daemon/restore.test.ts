import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { step } from '../../../src/core/service/step.js';
import type { Action, Service } from '../../../src/core/service/record.js';
import type { Spec } from '../../../src/core/service/spec.js';
import { incarnation, pid, sequence, type Pid } from '../../../src/core/units.js';
import { HeldProcesses } from '../../../src/daemon/held-processes.js';
import { livesOf, Look } from '../../../src/daemon/look.js';
import { restore } from '../../../src/daemon/restore.js';
import { Shell } from '../../../src/daemon/shell.js';
import { Kernel } from '../../helpers/kernel.js';
import { actuals, context, main, service } from '../../helpers/services.js';

/** What the next esmd makes of a record: who is held, and what nobody saw. */
function restored(record: Service, kernel: Kernel): ReturnType<typeof restore> {
  return restore([record], kernel.os, new HeldProcesses());
}

/** What it answers to the last question of its first step. */
function firstLook({ monitor, inputs }: ReturnType<typeof restore>, kernel: Kernel): string {
  let record = monitor.services.get('web');
  assert.ok(record !== undefined);
  const searches = {
    since: 9000,
    known: livesOf(monitor),
    done: new WeakSet<Spec>(),
    left: new Map(),
  };
  const its = inputs.flatMap((one) => (one.type === 'service' ? [one.input] : []));
  let asked: Action | undefined;
  for (const input of [...its, { type: 'begin' } as const]) {
    const [next, actions] = step(record, input, context());
    record = next;
    asked = actions.find(({ type }) => type === 'look') ?? asked;
  }
  assert.equal(asked?.type, 'look');
  const look = new Look(kernel.os, new Map([['web', record]]), () => null, searches);
  return look.perform(asked)[0].type;
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

const child = (number: number) => ({
  pid: pid(500),
  exe: '/opt/daemon',
  marker: { service: 'web', incarnation: number },
});

describe('a restart that the table does not know of', () => {
  const record = service({ ...actuals.running, process: main });

  test('is known by its marker', () => {
    const kernel = new Kernel();
    kernel.add(child(record.incarnation + 1));
    assert.equal(firstLook(restored(record, kernel), kernel), 'spawned');
  });

  test('is not what the daemon that ended left behind', () => {
    const kernel = new Kernel();
    kernel.add(child(record.incarnation));
    assert.equal(firstLook(restored(record, kernel), kernel), 'absent');
  });
});

describe('a start that was asked for when the table was written', () => {
  const record = service(actuals.asked);

  test('is known by its marker, if it was made', () => {
    const kernel = new Kernel();
    kernel.add(child(record.incarnation));
    assert.equal(firstLook(restored(record, kernel), kernel), 'spawned');
  });

  test('is not what is left of an earlier life', () => {
    const kernel = new Kernel();
    kernel.add(child(record.incarnation - 1));
    assert.equal(firstLook(restored(record, kernel), kernel), 'absent');
  });
});

describe('a daemon that the table names', () => {
  /** Who is put into which cgroup when an esmd begins so many ticks after the daemon. */
  function placedAfter(ticks: number, marker: string, members: readonly Pid[] = []) {
    const kernel = new Kernel();
    kernel.members.set('/cgroup/web', members);
    kernel.now = (main.startTime + ticks) * 10;
    const { startTime } = main;
    const marked = { startTime, marker: { service: marker, incarnation: incarnation(1) } };
    kernel.add({ ...marked, pid: main.pid });
    kernel.add({ ...marked, pid: pid(101), ppid: main.pid });
    const held = new HeldProcesses();
    const record = service({ ...actuals.running, process: main });
    const { monitor } = restore([record], kernel.os, held);
    new Shell(monitor, {
      os: kernel.os,
      held,
      precedence: kernel.precedence,
      hasSignal: () => false,
      hasPaused: () => false,
      lookAtStateFile: () => null,
      alarm: () => 'emergency',
      last: sequence(0),
      behind: () => undefined,
      changed: () => undefined,
      reply: () => undefined,
    }).stop();
    return kernel.placed;
  }

  test('is put into its cgroup before anything else if it is young, with what it forked', () => {
    assert.deepEqual(
      new Set(placedAfter(100, 'web').map(([, number]) => number)),
      new Set([main.pid, 101]),
    );
  });

  test('brings along what it forked before it was moved, if whoever did that had no time to', () => {
    assert.deepEqual(placedAfter(100, 'web', [main.pid]), [['/cgroup/web', 101]]);
    assert.deepEqual(placedAfter(100, 'web', [main.pid, pid(101)]), []);
  });

  test('is left where it is if it is old, or bears the marker of another', () => {
    assert.deepEqual(placedAfter(7000, 'web'), []);
    assert.deepEqual(placedAfter(100, 'www'), []);
  });
});
