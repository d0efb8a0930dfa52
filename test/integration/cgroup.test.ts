/** Cgroups against the kernel, below a cgroup of the test's own. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { pid } from '../../src/core/units.js';
import { openCgroups, type CgroupWords } from '../../src/os/cgroup.js';
import { createSpawner } from '../../src/os/child.js';
import { ownCgroup } from '../../src/os/cgroup-place.js';
import { readMounts, type Mounts } from '../../src/os/mounts.js';
import { startChild, stateOf } from '../helpers/processes.js';
import { bench } from '../helpers/spawner.js';
import { waitFor } from '../helpers/wait-for.js';

const home = ownCgroup() ?? '';

let made = 0;

/** A cgroup that is emptied and removed, with all below it, when the test ends. */
function ownFolder(context: TestContext): string {
  assert.notEqual(home, '', 'these tests need a mount of cgroup v2');
  made += 1;
  const folder = join(home, `esmd-test-${process.pid}-${made}`);
  mkdirSync(folder);
  context.after(async () => {
    writeFileSync(join(folder, 'cgroup.kill'), '1');
    await waitFor(
      () => {
        removeAll(folder);
        return !existsSync(folder);
      },
      { what: `${folder} to be empty` },
    );
  });
  return folder;
}

function removeAll(folder: string): void {
  try {
    for (const one of readdirSync(folder, { withFileTypes: true })) {
      if (one.isDirectory()) removeAll(join(folder, one.name));
    }
    rmdirSync(folder);
  } catch {
    // EBUSY: what was killed has not ended yet.
  }
}

const placeOf = (number: number | 'self'): string =>
  /^0::(.*)$/m.exec(readFileSync(`/proc/${number}/cgroup`, 'utf8'))?.[1] ?? '';

const words: Readonly<Record<string, Partial<CgroupWords>>> = {
  'with cgroup.kill': {},
  'as before Linux 5.14': { kill: 'cgroup.no-such-file' },
};

for (const [name, some] of Object.entries(words)) {
  test(`${name}: all members are killed, wherever they have gone`, async (t) => {
    const own = ownFolder(t);
    const cgroups = openCgroups(own, some);
    const folder = cgroups.folder('daemon') ?? '';
    assert.equal(folder, join(own, 'esmd', 'daemon'));
    assert.equal(cgroups.folder('daemon'), folder, 'it is there already');
    const leader = startChild(t, '/bin/sh', '-c', 'read go; exec sleep 100');
    assert.ok(cgroups.place(folder, leader).ok);
    assert.deepEqual(cgroups.members(folder), [leader]);
    assert.equal(placeOf(leader), placeOf('self').replace(/\/?$/, folder.slice(home.length)));
    // One in a session of its own, and one in a cgroup that the daemon has made itself.
    const inside = join(folder, 'inside');
    mkdirSync(inside);
    const others = ['setsid sleep 100', `sh -c 'echo $$ >${inside}/cgroup.procs; exec sleep 100'`];
    for (const other of others) {
      const script = `echo $$ >${folder}/cgroup.procs; ${other} </dev/null >/dev/null 2>&1 &`;
      execFileSync('/bin/sh', ['-c', script]);
    }
    await waitFor(
      () => cgroups.members(folder).length >= 2 && cgroups.members(inside).length === 1,
      {
        what: 'the members to be there',
      },
    );
    cgroups.remove(folder);
    assert.ok(existsSync(folder), 'it is not empty');
    const members = cgroups.members(folder);
    assert.ok(cgroups.kill(folder).ok);
    await waitFor(() => cgroups.members(folder).length === 0, { what: 'all to be killed' });
    for (const member of members) assert.match(stateOf(member) ?? 'Z', /[ZX]/);
    cgroups.remove(folder);
    assert.equal(existsSync(folder), false);
    assert.ok(cgroups.kill(folder).ok, 'nothing is left to kill');
    cgroups.remove(folder);
    assert.deepEqual(cgroups.members(folder), []);
  });
}

test('a process that has ended is placed without a complaint, and a wrong folder is not', (t) => {
  const cgroups = openCgroups(ownFolder(t));
  const folder = cgroups.folder('daemon') ?? '';
  assert.ok(cgroups.place(folder, pid(4_194_304)).ok);
  const nowhere = cgroups.place(join(folder, 'nowhere'), pid(process.pid));
  assert.equal(nowhere.ok ? 'placed' : nowhere.problem.code, 'ESM_CGROUP_REFUSED');
});

test('esmd does not kill itself, should it be a member', (t) => {
  t.after(() => {
    writeFileSync(join(home, 'cgroup.procs'), String(process.pid));
  });
  const cgroups = openCgroups(ownFolder(t));
  const folder = cgroups.folder('daemon') ?? '';
  const before = placeOf('self');
  assert.ok(cgroups.place(folder, pid(process.pid)).ok);
  assert.notEqual(placeOf('self'), before);
  assert.ok(cgroups.kill(folder).ok);
  assert.deepEqual(cgroups.members(folder), []);
});

test('a service that is called like a file of the kernel has no cgroup', (t) => {
  const cgroups = openCgroups(ownFolder(t));
  assert.equal(cgroups.folder('cgroup.procs'), null);
  assert.notEqual(cgroups.folder('cgroup.daemon'), null);
});

test('without cgroup v2, or without a right to write, there is no folder', (t) => {
  assert.equal(openCgroups(null).folder('daemon'), null);
  assert.equal(openCgroups(null).hasMemory, false);
  const own = ownFolder(t);
  const module = pathToFileURL(fileURLToPath(new URL('../../src/os/cgroup.js', import.meta.url)));
  const program = `import { openCgroups } from '${module.href}';
    const cgroups = openCgroups('${own}');
    console.log(cgroups.folder('daemon'), cgroups.hasMemory);`;
  const [mount] = [...readMounts().values()].filter(({ type }) => type === 'cgroup2');
  const script = `mount -o remount,bind,ro ${mount?.point ?? ''}; exec "$@"`;
  const command = [process.execPath, '--input-type=module', '-e', program];
  const args = ['--mount', 'sh', '-e', '-c', script, 'sh', ...command];
  assert.equal(execFileSync('unshare', args, { encoding: 'utf8' }), 'null false\n');
});

test('our own place is found in the hierarchy that is mounted', (t) => {
  const own = ownFolder(t);
  const module = new URL('../../src/os/cgroup-place.js', import.meta.url).href;
  const program = `import { ownCgroup } from '${module}'; console.log(ownCgroup());`;
  const script = `echo $$ >${own}/cgroup.procs; exec "$@"`;
  const args = ['-c', script, 'sh', process.execPath, '--input-type=module', '-e', program];
  assert.equal(execFileSync('/bin/sh', args, { encoding: 'utf8' }), `${own}\n`);
  const mounted = (root: string): Mounts =>
    new Map([
      ['/x', { point: '/x', type: 'cgroup2', device: '0:1', root, options: [] }],
      ['/', { point: '/', type: 'ext4', device: '8:1', root: '/', options: [] }],
    ]);
  assert.equal(ownCgroup(new Map()), null);
  assert.equal(ownCgroup(mounted('/')), join('/x', placeOf('self')).replace(/\/$/, ''));
  assert.equal(ownCgroup(mounted('/elsewhere')), null, 'our place is not below what is mounted');
});

/** A controller that this machine has in version 2: memory, or one that behaves like it. */
function availableControl(): Partial<CgroupWords> {
  const controllers = readFileSync(join(home, 'cgroup.controllers'), 'latin1').split(/\s+/);
  return controllers.includes('memory') ? {} : { controller: 'hugetlb', limit: 'hugetlb.2MB.max' };
}

test('memory is limited where the controller is available, and refused elsewhere', (t) => {
  const own = ownFolder(t);
  const none = openCgroups(own, { controller: 'no-such-controller' });
  assert.equal(none.hasMemory, false);
  const refused = none.setMemoryMax(none.folder('daemon') ?? '', 2 ** 21);
  assert.match(refused.ok ? '' : refused.problem.message, /controller is not available$/);

  const control = availableControl();
  const { controller = 'memory', limit = 'memory.max' } = control;
  const passedOn = join(home, 'cgroup.subtree_control');
  if (!readFileSync(passedOn, 'latin1').split(/\s+/).includes(controller)) {
    writeFileSync(passedOn, `+${controller}`);
    t.after(async () => {
      // EBUSY as long as the cgroup of this test, which is removed only now, passes it on.
      await waitFor(() => !existsSync(own), { what: 'the cgroup to be removed' });
      writeFileSync(passedOn, `-${controller}`);
    });
  }
  // A cgroup with processes of its own cannot pass a controller on: EBUSY.
  const sleeper = startChild(t, '/bin/sleep', '100');
  writeFileSync(join(own, 'cgroup.procs'), String(sleeper));
  assert.equal(openCgroups(own, control).hasMemory, false);
  writeFileSync(join(home, 'cgroup.procs'), String(sleeper));

  const cgroups = openCgroups(own, control);
  assert.equal(cgroups.hasMemory, true);
  const folder = cgroups.folder('daemon') ?? '';
  assert.ok(cgroups.setMemoryMax(folder, 2 ** 21).ok);
  assert.equal(readFileSync(join(folder, limit), 'latin1'), `${2 ** 21}\n`);
});

test('a process is in its cgroup before its first instruction, or follows', async (t) => {
  const own = ownFolder(t);
  const folder = openCgroups(own).folder('daemon') ?? '';
  const { output, start } = bench(t);
  const before = placeOf('self');
  const { text, codes } = await output(['/bin/cat', '/proc/self/cgroup'], {
    cgroup: folder,
    placement: 'before',
  });
  assert.match(text, new RegExp(`^0::.*${folder.slice(home.length)}$`, 'm'));
  assert.deepEqual(codes, []);
  assert.equal(placeOf('self'), before, 'esmd itself is back');
  const later = await start({ command: ['/bin/sleep', '100'], cgroup: folder });
  assert.ok(later.ok);
  const { pid: follower } = later.held;
  await waitFor(() => openCgroups(own).members(folder).join() === String(follower), {
    what: 'it to follow',
  });
});

for (const placement of ['after', 'itself'] as const) {
  test(`what a process forks at once is in its cgroup, too: ${placement}`, async (t) => {
    const folder = openCgroups(ownFolder(t)).folder('daemon') ?? '';
    const { start } = bench(t);
    const script =
      placement === 'after'
        ? '/bin/sleep 100 & setsid /bin/sh -c "/bin/sleep 100 & exec /bin/sleep 100" & exec /bin/sleep 100'
        : '/bin/sleep 100 & setsid /bin/sh -c "/bin/sleep 100 & exec /bin/sleep 100" & /bin/sleep 100 &';
    const request = { command: ['/bin/sh', '-c', script], cgroup: folder, placement };
    const answer = await start(request);
    assert.ok(answer.ok);
    assert.deepEqual(answer.warnings, []);
    const sleeping = (): number =>
      openCgroups(folder)
        .members(folder)
        .filter((pid) => readFileSync(`/proc/${pid}/comm`, 'latin1') === 'sleep\n').length;
    await waitFor(() => sleeping() === 4, { what: 'all four of them' });
  });
}

test('a process that goes to its cgroup by itself is given nothing by the shell that does it', async (t) => {
  const folder = openCgroups(ownFolder(t)).folder('daemon') ?? '';
  const { output } = bench(t);
  const request = { environment: { LANG: 'C' }, cgroup: folder, placement: 'itself' } as const;
  const { text } = await output(['/bin/cat', '/proc/self/environ', '/proc/self/cgroup'], request);
  assert.match(text, new RegExp(`^LANG=C\0[^]*0::.*${folder.slice(home.length)}$`, 'm'));
});

test('a cgroup that has gone is a warning, and the process runs', async (t) => {
  const own = ownFolder(t);
  const told: string[] = [];
  const { start } = bench(t, (exits) =>
    createSpawner(exits, undefined, ({ code }) => {
      told.push(code);
    }),
  );
  const before = placeOf('self');
  const cgroup = join(own, 'gone');
  const first = await start({ command: ['/bin/sleep', '100'], cgroup, placement: 'before' });
  assert.ok(first.ok);
  const codes = new Set(first.warnings.map(({ code }) => code));
  assert.deepEqual(codes, new Set(['ESM_CGROUP_REFUSED']));
  assert.equal(placeOf('self'), before);
  const second = await start({ command: ['/bin/sleep', '100'], cgroup, placement: 'after' });
  assert.ok(second.ok && second.held.isAlive());
  // The first of them was to follow, too.
  await waitFor(() => told.length === 2, { what: 'the warnings' });
  assert.deepEqual(new Set(told), codes);
});

test('many that are started at once are moved when that is over', async (t) => {
  const folder = openCgroups(ownFolder(t)).folder('daemon') ?? '';
  const { start } = bench(t);
  const members = (): number => openCgroups(folder).members(folder).length;
  const started: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    const answer = await start({ command: ['/bin/sleep', '100'], cgroup: folder });
    assert.ok(answer.ok);
    started.push(answer.held.pid);
  }
  await waitFor(() => members() === started.length, { what: 'all of them' });
});
