/** The scene of `make run`, as root and as nobody, with Debian's packages and without, played and typed. */

import assert from 'node:assert/strict';
import { execFileSync, spawn, type SpawnOptionsWithoutStdio } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { downloadPackages } from './lib/packages.js';
import { isPrivileged, repository } from './lib/places.js';

const scene = 'build/test/scene/scene.js';
const timeoutMs = 120_000;
const nobody = 65_534;

type Ending = Readonly<{ code: number | null; text: string }>;

/** Runs the scene of the checkout in `folder`; `typed` is typed at a terminal. */
async function run(
  folder: string,
  options: SpawnOptionsWithoutStdio,
  typed?: string,
): Promise<Ending> {
  const [program, args] =
    typed === undefined
      ? [process.execPath, [scene]]
      : [
          'script',
          ['--quiet', '--return', '--command', `${process.execPath} ${scene}`, '/dev/null'],
        ];
  const child = spawn(program, args, {
    ...options,
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(timeoutMs),
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stdin.end(typed ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, text };
}

/** What somebody else would have who has built a clone: no `.git`, and only what runs. */
function checkout(context: TestContext, hasPackages: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), 'esmd-checkout-'));
  context.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const lock = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const modules = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path]) => path);
  const files = readdirSync(repository).filter((name) => /(?:\.mk|\.json|^Makefile)$/.test(name));
  const folders = ['build', 'completions', 'init.d', 'man', 'src', 'test', 'bench'];
  for (const path of [...files, ...folders, ...modules]) {
    const from = join(repository, path);
    if (existsSync(from)) cpSync(from, join(folder, path), { recursive: true });
  }
  if (hasPackages) {
    downloadPackages();
    cpSync(join(repository, '.cache/debs'), join(folder, '.cache/debs'), { recursive: true });
  }
  return folder;
}

function assertPlayed({ code, text }: Ending, ...services: readonly string[]): void {
  assert.equal(code, 0, text);
  for (const service of services) {
    assert.match(text, new RegExp(`^${service} is back after \\d+ ms, as process \\d+\\.$`, 'm'));
  }
  assert.match(text, /the daemons went on and were adopted/);
  assert.match(text, /nothing of it is left\.$/m);
}

test('the scene plays by itself without a terminal', async () => {
  const ending = await run(repository, {});
  assertPlayed(ending, 'rsyslogd', 'cron', 'sampled');
  assert.match(ending.text, /^A planned stop, .* esmd leaves cron alone\.$/m);
});

test('the scene plays without rights, in user namespaces', async (context) => {
  const folder = checkout(context, true);
  execFileSync('chown', ['-R', `${nobody}:${nobody}`, folder]);
  const identity = isPrivileged ? { uid: nobody, gid: nobody } : {};
  const ending = await run(folder, {
    ...identity,
    env: { PATH: process.env['PATH'], HOME: folder },
  });
  assert.match(ending.text, /in user namespaces/);
  assertPlayed(ending, 'rsyslogd', 'cron', 'sampled');
});

test('the scene plays without Debian packages, and says so', async (context) => {
  const folder = checkout(context, false);
  const programs = join(folder, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, 'apt-get'), '#!/bin/sh\necho "E: no route" >&2\nexit 100\n', {
    mode: 0o755,
  });
  const PATH = `${programs}:${process.env['PATH'] ?? ''}`;
  const ending = await run(folder, { env: { PATH, HOME: folder } });
  assert.match(ending.text, /^apt-get says: E: no route$/m);
  assert.match(ending.text, /out of reach: .* busybox init and the sample daemon alone/);
  assertPlayed(ending, 'sampled');
});

test('at a terminal there is a prompt inside the machine', async () => {
  const typed = 'cat /proc/1/comm; tty\nkill -9 $(cat /run/rsyslogd.pid)\nesmctl status\nexit\n';
  const { code, text } = await run(repository, {}, typed);
  assert.equal(code, 0, text);
  assert.match(text, /private machine# /);
  assert.match(text, /^init\r$/m);
  assert.match(text, /\/dev\/pts\/\d+/);
});
