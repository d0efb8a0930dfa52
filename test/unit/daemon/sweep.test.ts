import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pid } from '../../../src/core/units.js';
import { Sweeps } from '../../../src/daemon/sweep.js';
import type { ProcessEntry } from '../../../src/os/os.js';
import { Kernel } from '../../helpers/kernel.js';
import { actuals, main, service } from '../../helpers/services.js';

/** The numbers that are killed for a service without a cgroup whose leader was `main`. */
function swept(add: (kernel: Kernel) => void): readonly number[] {
  const kernel = new Kernel();
  add(kernel);
  const os = { ...kernel.os, cgroups: { ...kernel.os.cgroups, folder: () => null } };
  const { incarnation } = service(actuals.sweeping);
  const sweeps = new Sweeps(
    os,
    new Map(),
    () => null,
    () => undefined,
  );
  sweeps.sweep({ type: 'sweep', service: 'web', incarnation, leader: main }, null);
  return kernel.signals.map(([number]) => number);
}

describe('without a cgroup', () => {
  const leader = { pid: main.pid, session: main.pid, startTime: main.startTime, isZombie: true };
  const worker = { pid: pid(500), session: main.pid };
  const marker = (service: string) => ({ marker: { service, incarnation: 7 } });

  test('the session of the dead leader is killed, and no other', () => {
    const add = (kernel: Kernel): void => {
      kernel.add(leader);
      kernel.add(worker);
      kernel.add({ pid: pid(501), session: pid(501) });
    };
    assert.deepEqual(swept(add), [500]);
  });

  test('of a leader that is reaped only who bears the marker: others may have its number', () => {
    const add = (kernel: Kernel): void => {
      kernel.add({ ...worker, ...marker('web') });
      kernel.add({ pid: pid(501), session: main.pid, ...marker('www') });
      kernel.add({ pid: pid(502), session: main.pid });
    };
    assert.deepEqual(swept(add), [500]);
  });

  test('a session whose leader has the number anew is a stranger', () => {
    const add = (kernel: Kernel): void => {
      kernel.add({ ...leader, startTime: main.startTime + 1 });
      kernel.add({ ...worker, ...marker('web') });
    };
    assert.deepEqual(swept(add), []);
  });
});

describe('what an esmd before us left behind', () => {
  const marker = { service: 'web', incarnation: 7 };
  const left = { pid: pid(500), startTime: 5000, marker };

  /** Who is killed, whose death is waited for, and what is to be swept the next time. */
  function sweptOf(
    now: Partial<ProcessEntry>,
    others: readonly Partial<ProcessEntry>[] = [],
    held: readonly number[] = [],
  ): readonly [killed: readonly number[], waitedFor: readonly number[], again: readonly number[]] {
    const kernel = new Kernel();
    for (const one of [{ ...left, ...now }, ...others]) kernel.add(one);
    const known = new Map([['web', [{ pid: left.pid, startTime: left.startTime }]]]);
    const { incarnation } = service(actuals.sweeping);
    const ownerOf = ({ pid: number }: { pid: number }) => (held.includes(number) ? 'web' : null);
    const sweeps = new Sweeps(kernel.os, known, ownerOf, () => undefined);
    sweeps.sweep({ type: 'sweep', service: 'web', incarnation, leader: null }, null);
    const again = known.get('web') ?? [];
    return [
      kernel.signals.map(([number]) => number),
      [...kernel.held].map((one) => one.pid),
      again.map((one) => one.pid),
    ];
  }
  const none = [[], [], []];

  test('is killed and waited for, and once more if it does not die', () => {
    assert.deepEqual(sweptOf({}), [[500], [500], [500]]);
  });

  test('is none of it: who has its number by now', () => {
    assert.deepEqual(sweptOf({ startTime: 5001 }), none);
  });

  test('is none of it: who bears another marker by now, or has ended', () => {
    assert.deepEqual(sweptOf({ marker: null }), none);
    assert.deepEqual(sweptOf({ marker: { ...marker, service: 'www' } }), none);
    assert.deepEqual(sweptOf({ isZombie: true }), none);
  });

  test('is none of it: what a service was found to have meanwhile, or the child of that', () => {
    assert.deepEqual(sweptOf({}, [], [500]), none);
    assert.deepEqual(sweptOf({ ppid: pid(400) }, [{ pid: pid(400) }], [400]), none);
  });
});
