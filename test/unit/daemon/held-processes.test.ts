import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Service } from '../../../src/core/service/record.js';
import { HeldProcesses } from '../../../src/daemon/held-processes.js';
import type { Held } from '../../../src/os/os.js';
import { actuals, main, process, service, spec } from '../../helpers/services.js';

function holding(n = 100, changes: Partial<Held> = {}): Held & { released: number } {
  const { pid, startTime } = process(n);
  return {
    pid,
    startTime,
    origin: 'child',
    means: 'pidfd',
    released: 0,
    isAlive: () => true,
    signal: () => ({ ok: true, value: undefined }),
    release() {
      this.released += 1;
    },
    ...changes,
  };
}

const web = service(actuals.running);
const named = (name: string): Service => ({ ...web, spec: spec({ name }) });

describe('held processes', () => {
  test('what a record does not name any more is let go', () => {
    const all = new HeldProcesses();
    const held = holding();
    all.add(held, 'web');
    all.reconcile(web, service(actuals.probation));
    assert.equal(held.released, 0);
    all.reconcile(web, service(actuals.stopped));
    assert.equal(held.released, 1);
    assert.equal(all.get(main), null);
  });

  test('what a service of another name has taken over is kept', () => {
    const all = new HeldProcesses();
    const held = holding();
    all.add(held, 'web');
    all.claim(named('www'));
    all.reconcile(web, undefined);
    assert.equal(held.released, 0);
    assert.equal(all.ownerOf(main), 'www');
  });

  test('what came too late to be named is let go', () => {
    const all = new HeldProcesses();
    const [late, wanted] = [holding(101), holding()];
    all.add(late, 'web');
    all.add(wanted, 'web');
    all.settle(process(101), 'web', web);
    all.settle(main, 'web', web);
    assert.deepEqual([late.released, wanted.released], [1, 0]);
  });

  test('a number that is used again belongs to somebody else', () => {
    const all = new HeldProcesses();
    const [old, next] = [holding(), holding(100, { startTime: main.startTime + 1 })];
    all.add(old, 'web');
    all.add(next, 'www');
    assert.deepEqual([all.get(main), all.get(next)], [old, next]);
    all.reconcile(web, service(actuals.stopped));
    assert.deepEqual([old.released, next.released], [1, 0]);
    assert.deepEqual([all.ownerOf(main), all.ownerOf(next)], [null, 'www']);
  });

  test('a stranger that has died is kept until the kernel tells how', () => {
    const all = new HeldProcesses();
    const held = holding(100, { origin: 'adopted', isAlive: () => false });
    all.add(held, 'web');
    all.reconcile(web, service(actuals.stopped));
    assert.equal(all.ownerOf(main), null);
    assert.equal(held.released, 0);
    assert.equal(all.reaped(held), 'web');
    assert.equal(held.released, 1);
  });

  test('strangers whose parents do not reap them are not kept for ever', () => {
    const all = new HeldProcesses();
    const many = Array.from({ length: 300 }, (_, i) =>
      holding(1000 + i, { origin: 'adopted', isAlive: () => false }),
    );
    many.forEach((held, i) => {
      all.add(held, 'web');
      const running = service({ state: 'running', process: process(1000 + i, 'adopted') });
      all.reconcile(running, service(actuals.stopped));
    });
    const released = many.filter((held) => held.released > 0);
    assert.deepEqual(released, many.slice(0, 300 - 256));
  });
});
