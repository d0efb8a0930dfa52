import assert from 'node:assert/strict';
import { realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { ProcessEntry } from '../../../src/os/os.js';
import type { Service } from '../../../src/core/service/record.js';
import { incarnation, pid } from '../../../src/core/units.js';
import type { OwnerOf } from '../../../src/daemon/leftovers.js';
import { Look } from '../../../src/daemon/look.js';
import { Kernel } from '../../helpers/kernel.js';
import { begun, search } from '../../helpers/search.js';
import { temporaryFolder } from '../../helpers/tmp.js';
import { actuals, backgroundSpec, service, spec } from '../../helpers/services.js';

const shell = ['/bin/sh', '-c', 'exec daemon'];
const foreground = spec({ launch: { type: 'command', command: shell } });
const background = backgroundSpec({
  launch: { type: 'start', start: ['/bin/sh', '-c', 'start daemon'] },
  pidfile: null,
});

const marker = (service: string, incarnation = 7) => ({ service, incarnation });
const child = { pid: pid(500), exe: '/opt/daemon', marker: marker('web') };

describe('a child of an esmd that died before it could say so', () => {
  test('is known by its marker, whatever it looks like', () => {
    assert.equal(search(foreground, [child]), 'spawned main 500');
  });

  test('is known however often was asked since, and where its definition is there again', () => {
    const lost = { ...child, marker: marker('web', 6) };
    assert.equal(search(foreground, [lost], { searches: begun(9000, 5) }), 'spawned main 500');
    assert.equal(search(foreground, [child], { searches: begun(9000, 9) }), 'spawned main 500');
  });

  test('is known as well while we live: its definition was removed, and is there again', () => {
    assert.equal(search(foreground, [{ ...child, ppid: pid(process.pid) }]), 'spawned main 500');
  });

  const strangers: readonly (readonly [string, Partial<ProcessEntry>])[] = [
    ['of a life that the table knows', { marker: marker('web', 6) }],
    ['of another service', { marker: marker('www') }],
    ['without a marker', { marker: null }],
    ["with a marker that is another user's word", { uid: 65534 }],
    ['whose user is not known any more', { uid: null }],
    ['in a container', { isOurs: false }],
    ['that has ended', { isZombie: true }],
    ['of a daemon: what inherits the marker leads no session', { session: pid(499) }],
    ['of a daemon that lives: init is not its parent', { ppid: pid(499) }],
  ];
  for (const [name, changes] of strangers) {
    test(`is none: a process ${name}`, () => {
      assert.equal(search(foreground, [{ ...child, ...changes }]), 'absent');
    });
  }

  test('is none: a process that we hold', () => {
    assert.equal(search(foreground, [child], { held: [500] }), 'absent');
  });

  test('is none: a process that is younger than this esmd, unless it is its own child', () => {
    const searches = begun(4999);
    assert.equal(search(foreground, [child], { searches }), 'absent');
    const own = { ...child, ppid: pid(process.pid) };
    assert.equal(search(foreground, [own], { searches }), 'spawned main 500');
  });

  test('is none: a process that the first search has not found', () => {
    const searches = begun();
    assert.equal(
      search(foreground, [child, { ...child, pid: pid(501) }], { searches }),
      'ambiguous 500 501',
    );
    assert.equal(search(foreground, [], { searches }), 'absent');
    assert.equal(search(foreground, [child], { searches }), 'absent');
    const again = { ...foreground };
    assert.equal(search(again, [child], { searches }), 'spawned main 500');
  });

  test("is the service's user's, or root's until it has become that", () => {
    const other = { ...foreground, user: 'nobody' };
    assert.equal(search(other, [{ ...child, uid: 65534 }]), 'spawned main 500');
    assert.equal(search(other, [child]), 'spawned main 500');
    assert.equal(search(other, [{ ...child, uid: 1 }]), 'absent');
  });

  test('is ambiguous where there are two', () => {
    assert.equal(search(foreground, [child, { ...child, pid: pid(501) }]), 'ambiguous 500 501');
  });

  test('of a service with a start command is that command, and nothing else', () => {
    const sh = realpathSync('/bin/sh');
    const command = { ...child, exe: sh, args: ['/bin/sh', '-c', 'start daemon'] };
    assert.equal(search(background, [command]), 'spawned start 500');
    assert.equal(search(background, [child]), 'absent');
    // Somebody else's, found first, hides nothing.
    const forged = { ...command, pid: pid(400), uid: 65534 };
    assert.equal(search(background, [forged, command]), 'spawned start 500');
  });
});

describe('a process that is there', () => {
  const sh = { exe: realpathSync('/bin/sh'), args: shell };

  test('is found by what it looks like', () => {
    assert.equal(search(foreground, [{ pid: pid(600), ...sh }]), 'found 600');
  });

  test('and cannot be held is not absent: nothing is started beside it', () => {
    const problem = 'EMFILE';
    assert.equal(search(foreground, [{ pid: pid(600), ...sh }], { problem }), 'ambiguous 600');
    assert.equal(search(foreground, [child], { problem }), 'ambiguous 500');
    assert.equal(search(foreground, [], { problem }), 'absent');
  });

  test('is found although its program has been removed', (context) => {
    const folder = realpathSync(temporaryFolder(context));
    symlinkSync('/nowhere/daemon', `${folder}/link`);
    for (const [command, exe] of [
      [`${folder}/daemon`, `${folder}/daemon`],
      [`${folder}/link`, '/nowhere/daemon'],
    ] as const) {
      const gone = spec({ launch: { type: 'command', command: [command, '-n'] } });
      const process = { pid: pid(600), exe, args: [command, '-n'] };
      assert.equal(search(gone, [process]), 'found 600');
      assert.equal(search(gone, [{ ...process, args: [command] }]), 'absent');
    }
  });

  test('is not another program of the same file, as of busybox', (context) => {
    const folder = realpathSync(temporaryFolder(context));
    const [box, link] = [`${folder}/box`, `${folder}/sleep`];
    writeFileSync(box, '', { mode: 0o755 });
    symlinkSync('box', link);
    const command = spec({ launch: { type: 'command', command: [link, '9'] } });
    const matched = { ...background, match: { exe: link, args: null, user: null } };
    for (const definition of [command, matched]) {
      for (const name of [link, 'sleep']) {
        const process = { pid: pid(600), exe: box, args: [name, '9'] };
        assert.equal(search(definition, [process]), 'found 600');
      }
      const stranger = { pid: pid(600), exe: box, args: [`${folder}/usleep`, '9'] };
      assert.equal(search(definition, [stranger]), 'absent');
    }
  });

  test('is not every process of the interpreter where a script is to be matched', (context) => {
    const script = `${temporaryFolder(context)}/daemon`;
    writeFileSync(script, '#!/bin/sh\n', { mode: 0o755 });
    const match = { exe: script, args: null, user: null };
    assert.equal(search({ ...background, match }, [{ pid: pid(600), ...sh }]), 'absent');
  });
});

test('a question that has been asked anew is not searched for: nothing is held for it', () => {
  const kernel = new Kernel();
  kernel.add(child);
  const record = service(actuals.looking, { spec: foreground });
  const services = new Map([['web', record]]);
  const owned = new Set<number>();
  const owner: OwnerOf = ({ pid: number }) => (owned.has(number) ? 'web' : null);
  const look = new Look(kernel.os, services, owner, begun());
  const ask = (number: number): string => {
    const action = { type: 'look', service: 'web', scope: 'scan' } as const;
    const [{ type }, held] = look.perform({ ...action, incarnation: incarnation(number) });
    if (held !== null) owned.add(held.pid);
    return type;
  };
  assert.deepEqual([ask(record.incarnation - 1), kernel.scans], ['absent', 0]);
  assert.equal(ask(record.incarnation), 'spawned');
});

describe('a process that ran beside the last daemon', () => {
  // Both start with the boot, the last daemon ended at 5500, and this is nobody's pid file.
  const old = { pid: pid(500), exe: '/usr/sbin/web' };
  const young = { ...old, pid: pid(600) };
  const process = { pid: pid(400), startTime: 4000, origin: 'adopted' } as const;
  const predecessor = { process, from: 5500, fromWhileNamed: 5500 };

  test('is none where a pid file would have named it, and neither are its children', (context) => {
    const pidfile = `${temporaryFolder(context)}/web.pid`;
    const definition = { ...background, pidfile };
    const grandchild = { ...young, pid: pid(601), ppid: pid(500) };
    assert.equal(search(definition, [old, grandchild], { predecessor }), 'absent');
    assert.equal(search(definition, [old, young], { predecessor }), 'found 600');
    assert.equal(search(definition, [old]), 'found 500');
  });

  test('may be one while nobody saw when that ended, unless the pid file still names that', (context) => {
    const pidfile = `${temporaryFolder(context)}/web.pid`;
    const definition = { ...background, pidfile };
    const unseen = { ...predecessor, from: 4000 };
    assert.equal(search(definition, [old], { predecessor: unseen }), 'found 500');
    writeFileSync(pidfile, '400\n');
    assert.equal(search(definition, [old], { predecessor: unseen }), 'absent');
    assert.equal(search(definition, [young], { predecessor: unseen }), 'found 600');
    writeFileSync(pidfile, '401\n');
    assert.equal(search(definition, [old], { predecessor: unseen }), 'found 500');
  });

  test('is one where nothing but a search tells', () => {
    assert.equal(search(background, [old], { predecessor }), 'found 500');
  });
});

describe('a process in the cgroup of the service', () => {
  const definition = spec({ user: 'nobody' });
  const among = (its: Partial<Service['spec']>, uid: number): string =>
    search({ ...definition, ...its }, [{ pid: pid(600), exe: '/usr/sbin/web', uid }], {
      cgroup: [600],
    });

  test("is the service's user's, or root's until it has become that", () => {
    assert.equal(among({}, 65534), 'found 600');
    assert.equal(among({}, 0), 'found 600');
    assert.equal(search(definition, [{ pid: pid(600), exe: '/usr/sbin/web' }]), 'absent');
  });

  test("is none if it is another user's", () => {
    assert.equal(among({}, 1000), 'absent');
  });

  test('is none if its children may live there as well, and be whose they like', () => {
    assert.equal(among({ kill: 'process' }, 0), 'absent');
  });

  test('is none if the definition names another user', () => {
    const match = { exe: '/usr/sbin/web', args: null, user: 'nobody' };
    assert.equal(among({ match }, 0), 'absent');
    assert.equal(among({ match, user: null }, 65534), 'found 600');
    assert.equal(among({ match: { ...match, user: 'root' } }, 65534), 'absent');
  });
});

test('a child of an esmd that died is known by its marker where its script has been removed', () => {
  const gone = spec({ launch: { type: 'command', command: ['/usr/bin/no-such-script'] } });
  const args = ['/bin/sh', '/usr/bin/no-such-script'];
  const process = { ...child, exe: realpathSync('/bin/sh'), args };
  assert.equal(search(gone, [process]), 'spawned main 500');
});

describe('a number that comes to mean another process while it is looked at', () => {
  const daemon = { pid: pid(500), exe: '/usr/sbin/web' };
  const definition = spec({ launch: { type: 'command', command: ['/usr/sbin/web'] } });

  /** Searches while `meanwhile` happens between the opening of a process and the look at it. */
  function searchWhile(meanwhile: (kernel: Kernel) => void): readonly [string, number] {
    const kernel = new Kernel();
    kernel.add(daemon);
    const read: typeof kernel.os.processes.read = (number) => {
      const before = kernel.os.processes.read(number);
      meanwhile(kernel);
      return kernel.os.processes.read(number) ?? before;
    };
    const os = { ...kernel.os, processes: { ...kernel.os.processes, read } };
    const record = service(actuals.looking, { spec: definition });
    const { incarnation } = record;
    const look = new Look(os, new Map([['web', record]]), () => null, begun());
    const [{ type }] = look.perform({ type: 'look', service: 'web', incarnation, scope: 'scan' });
    return [type, kernel.held.size];
  }

  test('is found where nothing happens', () => {
    assert.deepEqual(
      searchWhile(() => undefined),
      ['found', 1],
    );
  });

  test('is not believed: what was opened is not what was seen', () => {
    const recycle = (kernel: Kernel): void => {
      kernel.add({ ...daemon, startTime: 7 });
    };
    assert.deepEqual(searchWhile(recycle), ['absent', 0]);
  });

  test('is not believed: it has ended, though it was seen', () => {
    const end = (kernel: Kernel): void => {
      kernel.die(500);
    };
    assert.deepEqual(searchWhile(end), ['absent', 0]);
  });
});
