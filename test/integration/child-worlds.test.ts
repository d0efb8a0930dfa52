/** Spawning where the world is not as usual: filesystems that hang, few processes, odd users. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SpawnRequest } from '../../src/os/os.js';
import { temporaryFolder } from '../helpers/tmp.js';

const fixture = fileURLToPath(new URL('../fixtures/spawner.js', import.meta.url));

/**
 * Runs a shell script with mounts and process numbers of its own, in which `"$@"` is a program of
 * the fixtures. If that hangs, everything in there is killed with it.
 */
function runThere(script: string, program: string, ...args: readonly string[]): string {
  const { status, signal, stdout, stderr } = spawnSync(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...['sh', '-e', '-c', script, 'sh', process.execPath, program, ...args],
    ],
    { encoding: 'utf8', timeout: 15_000, killSignal: 'SIGKILL' },
  );
  assert.equal(status, 0, `${String(signal)} ${stderr}`);
  return stdout;
}

const inWorld = (script: string, ...args: readonly string[]): unknown =>
  JSON.parse(runThere(script, fixture, ...args));

const run = (request: Partial<SpawnRequest>) => ['run', JSON.stringify(request)] as const;

/**
 * A FUSE filesystem whose server never answers: the mount is made, and nobody reads from its
 * /dev/fuse. Everything that touches it waits until the last descriptor of that is closed.
 */
const hungFilesystem = (place: string, user = 0): string => `
  exec 9<>/dev/fuse
  mount -i -t fuse -o fd=9,rootmode=40000,user_id=${user},group_id=0,allow_other none "${place}"
  "$@"`;

type Ran = { ok: boolean; tookMs: number; outlived?: boolean; code?: string; warnings?: string[] };

function place(context: TestContext): string {
  const above = temporaryFolder(context);
  chmodSync(above, 0o755);
  const folder = join(above, 'mount');
  mkdirSync(folder);
  return folder;
}

test('a program on a filesystem that hangs does not hold up the one who starts it', (t) => {
  const folder = place(t);
  const program = join(folder, 'daemon');
  for (const request of [
    { command: [program] },
    { command: [program], user: 'daemon' },
    { command: ['/bin/true'], directory: join(folder, 'below') },
  ]) {
    const ran = inWorld(hungFilesystem(folder), ...run(request)) as Ran;
    assert.equal(ran.ok, true);
    assert.equal(ran.outlived, true, `${JSON.stringify(request)} hangs, and is killed`);
    assert.ok(ran.tookMs < 1000, `${ran.tookMs} ms`);
  }
});

test('a program on a filesystem that hangs does not hold up the search for its process', (t) => {
  const program = join(place(t), 'daemon');
  const print = fileURLToPath(new URL('../fixtures/executable.js', import.meta.url));
  assert.equal(runThere(hungFilesystem(dirname(program)), print, program), `${program}\n`);
});

test('a log on a filesystem that hangs is refused', (t) => {
  const folder = place(t);
  const ran = inWorld(hungFilesystem(folder), ...run({ log: join(folder, 'log') })) as Ran;
  assert.equal(ran.ok, true);
  assert.equal(ran.outlived, false);
  assert.match(ran.warnings?.[0] ?? '', /is of type fuse, which may not answer/);
});

test('root does not run what a user has mounted', (t) => {
  const folder = place(t);
  const command = [join(folder, 'daemon')];
  const ran = inWorld(hungFilesystem(folder, 1000), ...run({ command })) as Ran;
  assert.equal(ran.code, 'ESM_PROGRAM_UNSAFE');
});

test('a filesystem that is mounted while esmd runs is noticed', (t) => {
  const folder = place(t);
  // The same, but mounted a moment after the spawner has read the table of mounts.
  const script = `
    ( exec 9<>/dev/fuse; sleep 0.1
      mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 none "${folder}"; sleep 1 ) &
    "$@"`;
  const late = fileURLToPath(new URL('../fixtures/late-mount.js', import.meta.url));
  assert.equal(runThere(script, late, folder), 'fuse\n');
});

test('fork fails with EAGAIN: a shortage, an answer, and nothing thrown', (t) => {
  const group = `/sys/fs/cgroup/pids/esmd-test-${process.pid}`;
  mkdirSync(group);
  t.after(() => {
    rmdirSync(group);
  });
  writeFileSync(join(group, 'pids.max'), '40');
  const script = `echo $$ > ${group}/cgroup.procs; exec "$@"`;
  const result = inWorld(script, 'exhaust') as { started: number };
  assert.ok(result.started > 5 && result.started < 40, String(result.started));
  assert.deepEqual(result, {
    started: result.started,
    ok: false,
    shortage: true,
    code: 'ESM_SHORTAGE',
    again: { ok: true, warnings: [] },
  });
});

test('supplementary groups are those of the user', (t) => {
  const folder = temporaryFolder(t);
  const passwd = join(folder, 'passwd');
  const group = join(folder, 'group');
  writeFileSync(passwd, 'root:x:0:0::/:/bin/sh\nann:x:1234:1234::/:/bin/sh\n');
  writeFileSync(group, 'root:x:0:\nann:x:1234:\naudio:x:29:bob,ann\nadm:x:4:ann\nlp:x:7:bob\n');
  const script = `mount --bind ${passwd} /etc/passwd; mount --bind ${group} /etc/group; "$@"`;
  const log = join(folder, 'log');
  const command = ['/bin/cat', '/proc/self/status'];
  inWorld(script, ...run({ command, user: 'ann', log }));
  assert.match(readFileSync(log, 'latin1'), /^Uid:\t1234\t1234\t1234\t1234\n/m);
  assert.match(readFileSync(log, 'latin1'), /^Groups:\t4 29 1234 \n/m);
});

test('a user that only another source knows is found, and one that nobody knows is not', (t) => {
  const folder = temporaryFolder(t);
  const getent = join(folder, 'getent');
  writeFileSync(
    getent,
    '#!/bin/sh\n[ "$2" = eve ] && echo "eve:x:4321:4321::/:/bin/sh" || exit 2\n',
    {
      mode: 0o755,
    },
  );
  const log = join(folder, 'log');
  const command = ['/bin/cat', '/proc/self/status'];
  const script = `PATH=${folder}:$PATH; export PATH; "$@"`;
  // setpriv has its own look at who is in which groups: it does not know eve, and says so.
  const ran = inWorld(script, ...run({ command, user: 'eve', group: 'bin', log })) as Ran;
  assert.equal(ran.ok, true);
  assert.match(readFileSync(log, 'latin1'), /setpriv: uid 4321 not found|Uid:\t4321/);
  const nobody = inWorld(script, ...run({ user: 'mallory' })) as Ran;
  assert.equal(nobody.code, 'ESM_USER_UNKNOWN');
  writeFileSync(getent, '#!/bin/sh\nkill -KILL $$\n');
  const silent = inWorld(script, ...run({ user: 'mallory' })) as Ran & { shortage: boolean };
  assert.deepEqual([silent.code, silent.shortage], ['ESM_SHORTAGE', true]);
});

test('what esmd was given is not passed on, and what it opens neither', () => {
  const inherited = openSync('/etc/passwd', 'r');
  const { stdout } = spawnSync(process.execPath, [fixture, 'descriptors'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit', inherited, inherited],
  });
  closeSync(inherited);
  assert.deepEqual(JSON.parse(stdout), []);
});
