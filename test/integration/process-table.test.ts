import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pid, type Pid } from '../../src/core/units.js';
import type { ProcessEntry } from '../../src/os/os.js';
import { bootId, processTable } from '../../src/os/process-table.js';
import { endProcess, startProcess, type Child } from '../helpers/child.js';
import { temporaryFolder } from '../helpers/tmp.js';
import { waitFor } from '../helpers/wait-for.js';

const sleep = '/bin/sleep';
const module = new URL('../../src/os/process-table.js', import.meta.url).href;
const koffi = import.meta.resolve('koffi');

function entryOf(child: Child | number): ProcessEntry {
  const entry = processTable.read(pid(typeof child === 'number' ? child : child.pid));
  assert.ok(entry, 'the process is in the table');
  return entry;
}

const inScan = (number: Pid): ProcessEntry | undefined =>
  processTable.scan().find((entry) => entry.pid === number);

/** A copy of sleep(1) under a name of ours, running. */
async function startCopy(context: TestContext, name: string): Promise<[Child, string]> {
  const program = join(temporaryFolder(context), name);
  copyFileSync(sleep, program);
  return [await startProcess(context, program, ['60']), program];
}

test('scan: finds this process and its child, with parent, session and start time', async (t) => {
  const child = await startProcess(t, sleep, ['60'], { detached: true });
  const entry = inScan(pid(child.pid));
  assert.ok(entry);
  assert.equal(entry.ppid, process.pid);
  assert.equal(entry.session, child.pid);
  assert.equal(entry.isZombie, false);
  const line = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  assert.equal(entry.startTime, Number(line.split(' ')[21]));
  assert.equal(entry.exe, execFileSync('readlink', ['-f', sleep], { encoding: 'utf8' }).trim());
  assert.deepEqual(entry.args, [sleep, '60']);
  assert.equal(entry.uid, 0);
  assert.equal(entry.marker, null);
  assert.equal(entry.isOurs, true);
  assert.equal(inScan(pid(process.pid))?.ppid, process.ppid);
});

test('scan: kernel threads are left out', () => {
  for (const entry of processTable.scan()) {
    assert.doesNotMatch(readStatus(entry.pid), /^Kthread:\t1$/m);
  }
});

test('a command name with parentheses, spaces and newlines is no obstacle', async (t) => {
  for (const name of ['a) (b\nc) Z 1', ')', ') S 1 1 1 1']) {
    const [child, program] = await startCopy(t, name);
    const entry = entryOf(child);
    assert.equal(entry.ppid, process.pid, name);
    assert.equal(entry.isZombie, false, name);
    assert.equal(entry.uid, 0, name);
    assert.equal(entry.exe, program);
  }
});

test('a zombie is one', async (t) => {
  // exec turns the shell into a parent that never waits.
  const parent = await startProcess(t, 'sh', ['-c', 'sleep 0 & exec sleep 60']);
  const zombie = await waitFor(
    () => processTable.scan().find((entry) => entry.ppid === parent.pid && entry.isZombie),
    { what: 'the child of sleep becomes a zombie' },
  );
  assert.equal(zombie.exe, null);
  assert.deepEqual(zombie.args, []);
  assert.equal(zombie.uid, 0);
  assert.equal(zombie.marker, null);
});

test('a fork is one that has executed no program since', async (t) => {
  const parent = await startProcess(t, 'sh', [
    '-c',
    '(while :; do sleep 60; done) & sleep 60 & wait',
  ]);
  const childrenOf = () => processTable.scan().filter(({ ppid }) => ppid === parent.pid);
  // The flags are those of the scan, the program is read later: an exec may come between the two.
  await waitFor(
    () => {
      const programs = childrenOf().map(({ exe }) => exe);
      return programs.length === 2 && programs.some((exe) => exe?.endsWith('/sleep'));
    },
    { what: 'a subshell and its sibling' },
  );
  const [own, other] = childrenOf().map(({ exe, isFork }) => [exe?.endsWith('/sleep'), isFork]);
  assert.deepEqual(
    [own, other],
    [
      [false, true],
      [true, false],
    ],
  );
  assert.equal(entryOf(parent).isFork, false);
});

test('a process whose first thread has ended lives as long as the others', async (t) => {
  // exit(2), unlike exit_group(2), ends only the thread that calls it.
  const call = process.arch === 'arm64' ? 93 : 60;
  const script = `import koffi from ${JSON.stringify(koffi)};
    koffi.load(null).func('long syscall(long number, long status)')(${call}, 0);`;
  const child = await startProcess(t, process.execPath, ['--input-type=module', '-e', script]);
  await waitFor(() => /^State:\tZ/m.test(readStatus(child.pid)), { what: 'its leader has ended' });
  assert.equal(entryOf(child).isZombie, false);
  await endProcess(child);
});

test('exe: without " (deleted)" after the file has gone', async (t) => {
  const [child, program] = await startCopy(t, 'daemon');
  unlinkSync(program);
  assert.equal(entryOf(child).exe, program);
});

test('args: empty ones, blanks and newlines are kept', async (t) => {
  const args = ['-c', 'read line', 'name', '', 'a b', 'c\nd', ''];
  const child = await startProcess(t, 'sh', args, { stdio: ['pipe', 'ignore', 'ignore'] });
  assert.deepEqual(entryOf(child).args, ['sh', ...args]);
});

test('args: a title that the process has written over them', async (t) => {
  const script = `process.title = 'a title'; setInterval(() => {}, 60_000)`;
  const child = await startProcess(t, process.execPath, ['-e', script]);
  await waitFor(() => entryOf(child).args[0] === 'a title', { what: 'the title' });
});

test('args: more than the limit is cut, and does not disturb', async (t) => {
  const long = 'x'.repeat(100_000);
  const child = await startProcess(t, 'sh', ['-c', 'read line', long, long, long], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  assert.equal(entryOf(child).args.join(' ').length, 256 * 1024);
});

test('uid: the effective one', async (t) => {
  const child = await startProcess(t, sleep, ['60'], { uid: 65534, gid: 65534 });
  assert.equal(entryOf(child).uid, 65534);
  const script = 'process.seteuid(1234); setInterval(() => {}, 60_000)';
  const changed = await startProcess(t, process.execPath, ['-e', script]);
  await waitFor(() => entryOf(changed).uid === 1234, { what: 'the effective user has changed' });
});

test('marker: service and incarnation from the environment', async (t) => {
  const markerOf = async (env: Record<string, string>): Promise<ProcessEntry['marker']> =>
    entryOf(await startProcess(t, sleep, ['60'], { env })).marker;
  assert.deepEqual(await markerOf({ A: 'b', ESMD_SERVICE: 'cron', ESMD_INCARNATION: '12' }), {
    service: 'cron',
    incarnation: 12,
  });
  assert.equal(await markerOf({ ESMD_SERVICE: 'cron' }), null);
  assert.equal(await markerOf({ ESMD_SERVICE: '', ESMD_INCARNATION: '1' }), null);
  assert.equal(await markerOf({ ESMD_SERVICE: 'cron', ESMD_INCARNATION: '-1' }), null);
  assert.equal(await markerOf({ ESMD_SERVICE: 'cron', ESMD_INCARNATION: '1e3' }), null);
  assert.equal(await markerOf({ X: 'ESMD_SERVICE=a', ESMD_INCARNATION: '1' }), null);
});

test('isOurs: not in another PID namespace', async (t) => {
  const parent = await startProcess(t, 'unshare', ['--pid', '--fork', '--kill-child', sleep, '60']);
  const child = await waitFor(
    () => processTable.scan().find((entry) => entry.ppid === parent.pid && entry.args[0] === sleep),
    { what: 'the process in the namespace' },
  );
  assert.equal(child.isOurs, false);
  assert.equal(entryOf(parent).isOurs, true);
});

test('isOurs: not with another root directory', async (t) => {
  const root = temporaryFolder(t);
  copyFileSync('/bin/busybox', join(root, 'busybox'));
  const child = await startProcess(t, 'chroot', [root, '/busybox', 'sleep', '60']);
  await waitFor(() => entryOf(child).args[0] === '/busybox', { what: 'chroot has done its work' });
  assert.equal(entryOf(child).isOurs, false);
});

test('isOurs: in another user namespace, if the root is the same mount', async (t) => {
  const child = await startProcess(t, 'unshare', ['--user', sleep, '60']);
  await waitFor(() => entryOf(child).args[0] === sleep, { what: 'unshare has done its work' });
  assert.equal(entryOf(child).isOurs, true);

  const root = join(temporaryFolder(t), 'root');
  mkdirSync(root);
  copyFileSync('/bin/busybox', join(root, 'busybox'));
  const jailed = await startProcess(t, 'unshare', [
    '--user',
    '--map-root-user',
    `--root=${root}`,
    '/busybox',
    'sleep',
    '60',
  ]);
  await waitFor(() => entryOf(jailed).args[0] === '/busybox', { what: 'unshare is done' });
  assert.equal(entryOf(jailed).isOurs, false);
});

test('read: null for what is no process', () => {
  for (const number of [0, -1, 1.5, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY]) {
    assert.equal(processTable.read(pid(number)), null, String(number));
  }
});

test('read: null for the number of a thread', () => {
  const threads = readdirSync('/proc/self/task').map(Number);
  const other = threads.find((thread) => thread !== process.pid);
  assert.ok(other);
  assert.ok(readFileSync(`/proc/${other}/stat`), 'the kernel answers for it');
  assert.equal(processTable.read(pid(other)), null);
  assert.ok(processTable.read(pid(process.pid)));
});

test('a process that has gone: null, empty and false', async (t) => {
  const child = await startProcess(t, sleep, ['60'], { env: { ESMD_SERVICE: 'x' } });
  const before = entryOf(child);
  const scanned = inScan(pid(child.pid));
  assert.ok(scanned);
  await endProcess(child);
  assert.equal(processTable.read(pid(child.pid)), null);
  assert.equal(before.uid, 0, 'what was read is kept');
  assert.equal(scanned.uid, null);
  assert.equal(scanned.exe, null);
  assert.deepEqual(scanned.args, []);
  assert.equal(scanned.marker, null);
  assert.equal(scanned.isOurs, false);
});

test('scan: does not mind processes that come and go', async (t) => {
  await startProcess(t, 'sh', ['-c', 'while :; do /bin/true; done']);
  for (let round = 0; round < 50; round += 1) {
    const entries = processTable.scan();
    assert.ok(entries.some((entry) => entry.pid === process.pid));
    for (const entry of entries) {
      assert.ok(entry.startTime >= 0 && Number.isInteger(entry.startTime));
      assert.ok(Array.isArray(entry.args));
      assert.doesNotMatch(entry.exe ?? '', / \(deleted\)$/);
    }
  }
});

test('scan and read: see everything when there are no descriptors left', () => {
  const script = `import { openSync } from 'node:fs';
    import { processTable } from ${JSON.stringify(module)};
    const before = processTable.scan().length;
    try { for (;;) openSync('/dev/null', 'r'); } catch (error) { console.log(error.code); }
    const entry = processTable.read(process.pid);
    console.log(processTable.scan().some((entry) => entry.pid === process.pid));
    console.log(entry.uid, entry.args.length > 0, entry.isOurs);
    console.log(processTable.read(process.pid) !== null);`;
  const output = execFileSync(
    'sh',
    ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  assert.equal(output, 'EMFILE\ntrue\n0 true true\ntrue\n');
});

test('bootId: the id of this boot', () => {
  assert.match(bootId(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(bootId(), readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());
});

function readStatus(number: number): string {
  try {
    return readFileSync(`/proc/${number}/status`, 'utf8');
  } catch {
    return '';
  }
}
