import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { mock, test, type TestContext } from 'node:test';
import { acquire, holder, type Lock, type LockProblem } from '../../src/os/lock.js';
import { endProcess, startProcess, type Child } from '../helpers/child.js';
import { temporaryFolder } from '../helpers/tmp.js';
import { waitFor } from '../helpers/wait-for.js';

const module = new URL('../../src/os/lock.js', import.meta.url).href;

function acquired(path: string): Lock {
  const result = acquire(path);
  assert.ok(result.ok, result.ok ? '' : result.problem.message);
  return result.value;
}

function refused(path: string): LockProblem {
  const result = acquire(path);
  assert.equal(result.ok, false);
  return result.problem;
}

/** Another process that takes the lock and keeps it. */
async function startHolder(context: TestContext, path: string): Promise<Child> {
  const script = `import { acquire } from '${module}';
    if (!acquire(process.argv[1]).ok) process.exit(1);
    process.stdout.write('held');
    setInterval(() => {}, 60_000);`;
  const args = ['--input-type=module', '-e', script, path];
  const child = await startProcess(context, process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(child.stdout);
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
  return child;
}

test('acquire: writes the pid into a file that only its owner can open', (t) => {
  const path = join(temporaryFolder(t), 'pid');
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const lock = acquired(path);
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  assert.equal(statSync(path).mode & 0o7777, 0o600);
  assert.equal(lock.problem, null);
  lock.release();
  assert.ok(existsSync(path), 'it is never unlinked');
});

test('acquire: what an earlier instance left is taken over', (t) => {
  const path = join(temporaryFolder(t), 'pid');
  writeFileSync(path, '123456789\nand more\n');
  chmodSync(path, 0o644);
  acquired(path).release();
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`);
  assert.equal(statSync(path).mode & 0o7777, 0o600);
});

test('acquire: refused while held, also to the same process, and free after the release', (t) => {
  const path = join(temporaryFolder(t), 'pid');
  const lock = acquired(path);
  const problem = refused(path);
  assert.equal(problem.code, 'ESM_LOCK_HELD');
  assert.equal(problem.holder, process.pid);
  assert.equal(problem.message, `Cannot lock the file: process ${process.pid} has it`);
  assert.equal(holder(path), process.pid);
  lock.release();
  assert.equal(holder(path), null);
  acquired(path).release();
});

test('acquire: names the other process, and succeeds once that was killed', async (t) => {
  const path = join(temporaryFolder(t), 'pid');
  const other = await startHolder(t, path);
  assert.equal(refused(path).holder, other.pid);
  assert.equal(readFileSync(path, 'utf8'), `${other.pid}\n`, 'a refusal leaves the file alone');
  await endProcess(other);
  acquired(path).release();
});

test('holder: reads devices and inode numbers as the kernel prints them', async (t) => {
  const path = join(temporaryFolder(t), 'pid');
  const other = await startHolder(t, path);
  const { ino } = statSync(path);
  const lines = readFileSync('/proc/locks', 'latin1').split('\n');
  const line = lines.find((each) => each.includes(`:${ino} `));
  assert.match(line ?? '', new RegExp(`FLOCK +ADVISORY +WRITE ${other.pid} `));
  assert.equal(holder(path), other.pid);
  assert.equal(holder(join(path, 'none')), null);
});

test('holder: not taken in by a lock on another file with the same inode number', (t) => {
  // On two fresh filesystems of one kind the first files have the same number.
  const folder = temporaryFolder(t);
  const script = `import { acquire, holder } from '${module}';
    import { statSync, writeFileSync } from 'node:fs';
    const [a, b] = ['${folder}/a/pid', '${folder}/b/pid'];
    writeFileSync(b, '');
    const lock = acquire(a);
    console.log(statSync(a).ino === statSync(b).ino, holder(a) === process.pid, holder(b));`;
  for (const name of ['a', 'b']) mkdirSync(join(folder, name));
  const enter = `mount -t tmpfs none ${folder}/a && mount -t tmpfs none ${folder}/b && exec "$@"`;
  const output = execFileSync(
    'unshare',
    ['--mount', 'sh', '-c', enter, 'sh', process.execPath, '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  assert.equal(output, 'true true null\n');
});

test('acquire: children do not inherit the lock', async (t) => {
  const path = join(temporaryFolder(t), 'pid');
  const lock = acquired(path);
  const child = await startProcess(t, '/bin/sleep', ['60']);
  lock.release();
  acquired(path).release();
  assert.equal(child.exitCode, null);
});

test('acquire: a file that is replaced while we lock it is not the lock', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'pid');
  writeFileSync(path, '');
  writeFileSync(join(folder, 'newer'), '');
  const newer = statSync(join(folder, 'newer')).ino;
  const { openSync } = fs;
  const opened: number[] = [];
  mock.method(fs, 'openSync', (...args: Parameters<typeof openSync>) => {
    const fd = openSync(...args);
    if (opened.push(fd) === 1) renameSync(join(folder, 'newer'), path);
    return fd;
  });
  syncBuiltinESMExports();
  t.after(() => {
    mock.restoreAll();
    syncBuiltinESMExports();
  });
  const lock = acquired(path);
  assert.equal(opened.length, 2);
  assert.equal(statSync(path).ino, newer);
  assert.equal(holder(path), process.pid);
  assert.equal(refused(path).code, 'ESM_LOCK_HELD');
  lock.release();
});

test('acquire: many at once, exactly one has it', async (t) => {
  const path = join(temporaryFolder(t), 'pid');
  const script = `import { acquire } from '${module}';
    process.stdout.write(acquire(process.argv[1]).ok ? 'yes' : 'no');
    process.stdin.on('end', () => process.exit()).resume();`;
  const rivals = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script, path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  t.after(() => Promise.all(rivals.map(endProcess)));
  const answers: string[] = [];
  for (const rival of rivals) rival.stdout.on('data', (data) => answers.push(String(data)));
  await waitFor(() => answers.length === rivals.length, { timeoutMs: 20_000, what: 'all answers' });
  assert.equal(answers.filter((answer) => answer === 'yes').length, 1);
});

test('acquire: a link, a folder, a FIFO and a stranger’s file are no place for a lock', (t) => {
  const folder = temporaryFolder(t);
  symlinkSync(join(folder, 'target'), join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  writeFileSync(join(folder, 'strangers'), '');
  chownSync(join(folder, 'strangers'), 65534, 0);
  for (const [name, reason] of Object.entries({
    link: 'ELOOP',
    '.': 'EISDIR',
    'none/pid': 'ENOENT',
    fifo: 'not a regular file',
    strangers: 'user 65534',
  })) {
    const problem = refused(join(folder, name));
    assert.equal(problem.code, 'ESM_LOCK_UNUSABLE');
    assert.match(problem.message, new RegExp(reason));
    assert.equal(problem.holder, null);
  }
  assert.ok(!existsSync(join(folder, 'target')), 'the link was not followed');
});

test('acquire: another user cannot even open the file, hence not hold it', (t) => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  const path = join(folder, 'pid');
  const lock = acquired(path);
  lock.release();
  assert.throws(
    () => execFileSync('cat', [path], { uid: 65534, gid: 65534, stdio: 'pipe' }),
    /Permission denied/,
  );
});

test('acquire: on a full disk the lock holds, and says what is missing', (t) => {
  const folder = temporaryFolder(t);
  const script = `import { acquire, holder } from '${module}';
    import { writeFileSync } from 'node:fs';
    try { writeFileSync('${folder}/big', 'x'.repeat(100_000)); } catch {}
    const lock = acquire('${folder}/pid');
    console.log(lock.ok, lock.value.problem.code, holder('${folder}/pid') === process.pid);`;
  const enter = `mount -t tmpfs -o size=16k none ${folder} && exec "$@"`;
  const output = execFileSync(
    'unshare',
    ['--mount', 'sh', '-c', enter, 'sh', process.execPath, '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  assert.equal(output, 'true ESM_FILE_NOT_WRITTEN true\n');
});
