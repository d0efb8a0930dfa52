import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pid } from '../../../src/core/units.js';
import { Sweeps } from '../../../src/daemon/sweep.js';
import { Kernel } from '../../helpers/kernel.js';
import { actuals, main, service } from '../../helpers/services.js';

/** The numbers that are killed for a service without a cgroup whose leader was `main`. */
function swept(add: (kernel: Kernel) => void): readonly number[] {
  const kernel = new Kernel();
  add(kernel);
  const os = { ...kernel.os, cgroups: { ...kernel.os.cgroups, folder: () => null } };
  const { incarnation } = service(actuals.sweeping);
  const sweeps = new Sweeps(os, () => undefined);
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
