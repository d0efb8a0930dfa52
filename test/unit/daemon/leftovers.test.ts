import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Spec } from '../../../src/core/service/spec.js';
import { millis, pid, type Pid } from '../../../src/core/units.js';
import { Marked, type OwnerOf } from '../../../src/daemon/leftovers.js';
import type { ProcessEntry } from '../../../src/os/os.js';
import { Kernel } from '../../helpers/kernel.js';
import { configured, stateFile } from '../../helpers/monitors.js';
import { backgroundSpec, spec } from '../../helpers/services.js';
import { shellFor } from '../../helpers/shell.js';

const marker = { service: 'web', incarnation: 7 };
/** Of the session of a daemon that is dead. */
const worker = { pid: pid(500), session: pid(499), marker };

/** What is left of a service, among these processes, to an esmd that began at 9000 ticks. */
function leftAmong(
  processes: readonly Partial<ProcessEntry>[],
  definition: Spec = spec(),
  held: readonly number[] = [],
): readonly number[] {
  const kernel = new Kernel();
  for (const one of processes) kernel.add(one);
  const ownerOf: OwnerOf = ({ pid: number }) => (held.includes(number) ? 'web' : null);
  const marked = new Marked(kernel.os.processes.scan(), 9000, ownerOf);
  return marked.leftoversOf(definition).map((one) => one.pid);
}

describe('a leftover of an earlier esmd', () => {
  test('is what bears the marker of the service, in whatever session it is', () => {
    assert.deepEqual(
      leftAmong([worker, { ...worker, pid: pid(501), session: pid(501) }]),
      [500, 501],
    );
  });

  const strangers: readonly (readonly [string, Partial<ProcessEntry>])[] = [
    ['of another service', { marker: { ...marker, service: 'www' } }],
    ['without a marker', { marker: null }],
    ['that is younger than this esmd', { startTime: 9001 }],
    ["of another user's", { uid: 65534 }],
    ['whose user is not known any more', { uid: null }],
    ['in a container', { isOurs: false }],
    ['that has ended', { isZombie: true }],
  ];
  for (const [name, changes] of strangers) {
    test(`is none: a process ${name}`, () => {
      assert.deepEqual(leftAmong([{ ...worker, ...changes }]), []);
    });
  }

  test("may be the service's user's, or root's", () => {
    const definition = spec({ user: 'nobody' });
    const processes = [worker, { ...worker, pid: pid(501), uid: 65534 }];
    assert.deepEqual(leftAmong(processes, definition), [500, 501]);
  });

  test('is none: what a service has, and what that has forked', () => {
    const child = { ...worker, pid: pid(501), ppid: pid(500) };
    assert.deepEqual(leftAmong([worker, child], spec(), [500]), []);
    const grandchild = { ...worker, pid: pid(502), ppid: pid(501) };
    assert.deepEqual(leftAmong([grandchild, child, worker], spec(), [500]), []);
  });

  test('is what such a one has forked since, but not what that runs without the marker', () => {
    const child = { ...worker, pid: pid(950), ppid: pid(500), startTime: 9500 };
    const unmarked = { ...child, pid: pid(951), marker: null };
    assert.deepEqual(leftAmong([child, unmarked, worker]), [500, 950]);
  });

  test('comes before what it has forked: who is dead forks no others', () => {
    const parent = { ...worker, pid: pid(502), startTime: 4000 };
    assert.deepEqual(leftAmong([worker, parent]), [502, 500]);
  });

  test('is none where children are to outlive their daemon', () => {
    assert.deepEqual(leftAmong([worker], spec({ kill: 'process' })), []);
  });

  test('is none where init bears the marker: the machine is a service of another esmd', () => {
    assert.deepEqual(leftAmong([{ ...worker, pid: pid(1) }, worker]), []);
  });
});

describe('a daemon that is adopted', () => {
  const daemon = { pid: pid(499), exe: '/usr/sbin/web', args: ['web'], marker };
  const young = { ...worker, pid: pid(1500), ppid: pid(499), startTime: 15_000 };

  const placed = (
    first: Partial<ProcessEntry>,
    definition: Spec,
    members: readonly Pid[] = [],
  ): readonly number[] => {
    const { kernel, take, service } = shellFor();
    for (const one of [{ ...daemon, ...first }, worker, young]) kernel.add(one);
    kernel.members.set('/cgroup/web', members);
    take(configured(definition));
    assert.deepEqual(service('web'), ['running', daemon.pid]);
    return kernel.placed.map(([folder, number]) => (folder === '/cgroup/web' ? number : 0));
  };

  test('is put into its cgroup with its workers, for which there was no time', () => {
    assert.deepEqual(new Set(placed({}, spec())), new Set([499, 500, 1500]));
    assert.equal(placed({}, spec())[0], 499, 'it forks no more that are not born there');
  });

  test('brings its workers along only if it is young, where it is there already', () => {
    const there = [daemon.pid];
    assert.deepEqual(placed({}, spec(), there), [500, 1500]);
    assert.deepEqual(placed({ startTime: 1 }, spec(), there), []);
  });

  test('is left where it is if esmd has not started it, or not there', () => {
    assert.deepEqual(placed({ marker: null }, spec()), []);
    assert.deepEqual(placed({}, spec({ kill: 'process' })), []);
    assert.deepEqual(placed({}, backgroundSpec({ pidfile: null })), []);
  });
});

describe('the first start by an esmd', () => {
  test('waits until what is left is gone, which the search for the daemon has seen', () => {
    const { kernel, shell, take } = shellFor();
    kernel.add(worker);
    take(configured(spec()));
    assert.deepEqual(kernel.signals, [[500, 'KILL', 'process']]);
    assert.deepEqual([kernel.requests.length, kernel.scans], [0, 1]);
    kernel.die(500);
    shell.turn();
    assert.deepEqual([kernel.requests.length, kernel.scans], [1, 1]);
  });

  test('is waited for where nothing is to be started: nothing is killed before', () => {
    const { kernel, take } = shellFor();
    take(stateFile('run', { web: 'down' }));
    kernel.add(worker);
    take(configured(spec()));
    assert.equal(kernel.signals.length, 0);
    // It lives on, and forks.
    kernel.add({ ...worker, pid: pid(1500), ppid: pid(500), startTime: 15_000 });
    take(stateFile('run'));
    assert.deepEqual(
      kernel.signals.map(([number]) => number),
      [500, 1500],
    );
  });

  test('kills nothing of a daemon that lives: what is its own when it dies the cgroup tells', () => {
    const { kernel, shell, take, service } = shellFor();
    const daemon = kernel.add({ pid: pid(499), exe: '/usr/sbin/web', args: ['web'], marker });
    kernel.add(worker);
    take(configured(spec()));
    assert.deepEqual(service('web'), ['running', daemon.pid]);
    kernel.die(daemon.pid);
    shell.turn();
    assert.deepEqual([kernel.signals, kernel.requests.length], [[], 1]);
  });

  test('kills nothing of what another service is found to have in the same turn', () => {
    const { kernel, take, service } = shellFor();
    kernel.add({ ...worker, exe: '/usr/sbin/www', args: ['www'] });
    take(configured(spec(), spec({ name: 'www' })));
    assert.deepEqual(service('www'), ['running', pid(500)]);
    assert.deepEqual(kernel.signals, []);
  });

  test('is the only one that asks: a restart costs no search', () => {
    const { kernel, shell, take } = shellFor();
    take(configured(spec({ probation: millis(0) })));
    const [started] = kernel.pids;
    kernel.add(worker);
    kernel.die(started ?? 0);
    shell.turn();
    assert.deepEqual([kernel.requests.length, kernel.scans], [2, 1]);
    assert.deepEqual(kernel.signals, [[started, 'KILL', 'group']]);
    // A later search asks nobody for his marker.
    kernel.now += 100;
    take(stateFile('run', { web: 'down' }));
    kernel.die(kernel.pids.at(-1) ?? 0);
    shell.turn();
    take(stateFile('run'));
    assert.deepEqual([kernel.requests.length, kernel.scans], [3, 2]);
    assert.ok(!kernel.signals.some(([number]) => number === worker.pid));
  });
});
