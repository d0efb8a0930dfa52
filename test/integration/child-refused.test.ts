/** What cannot be started or not be granted: the answer names it, and nothing blocks. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkProgram } from '../../src/os/program.js';
import { fromRemote } from '../../src/os/spawn-shell.js';
import { bench, codeOf, messageOf } from '../helpers/spawner.js';
import { temporaryFolder } from '../helpers/tmp.js';

function script(folder: string, name: string, text: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test('what is wrong with a program is said', async (t) => {
  const { start, folder } = bench(t);
  const missing = join(folder, 'missing');
  const link = join(folder, 'link');
  symlinkSync('nowhere', link);
  const cases = [
    [missing, 'ESM_PROGRAM_MISSING', /it is missing$/],
    ['true', 'ESM_PROGRAM_MISSING', /not an absolute path$/],
    [link, 'ESM_PROGRAM_MISSING', /a symbolic link to "nowhere", which is missing$/],
    [join('/etc/passwd', 'x'), 'ESM_PROGRAM_MISSING', /\(ENOTDIR\)$/],
    [folder, 'ESM_PROGRAM_NOT_EXECUTABLE', /it is a folder/],
    ['/dev/null', 'ESM_PROGRAM_NOT_EXECUTABLE', /not a regular file$/],
    ['/etc/passwd', 'ESM_PROGRAM_NOT_EXECUTABLE', /no permission to execute$/],
    [script(folder, 'text', 'hello\n'), 'ESM_PROGRAM_NOT_EXECUTABLE', /first line begins with #!$/],
    [
      script(folder, 'script', '#!/no/such/perl -w\n'),
      'ESM_PROGRAM_MISSING',
      /first line names an interpreter: Cannot run "\/no\/such\/perl": it is missing$/,
    ],
    [
      script(folder, 'crlf', '#!/bin/sh\r\n'),
      'ESM_PROGRAM_MISSING',
      /"\/bin\/sh\r": it is missing$/,
    ],
  ] as const;
  for (const [program, code, message] of cases) {
    const answer = await start({ command: [program] });
    assert.equal(codeOf(answer), code, program);
    assert.match(messageOf(answer), message);
    assert.equal(answer.ok ? null : answer.shortage, false);
  }
});

test('a directory that cannot be entered is named', async (t) => {
  const { start, folder } = bench(t);
  const missing = await start({ directory: join(folder, 'missing') });
  assert.equal(codeOf(missing), 'ESM_DIRECTORY_UNUSABLE');
  assert.match(messageOf(missing), /^Cannot start "\/bin\/true": its directory ".*" is missing$/);
  const file = await start({ directory: '/etc/passwd' });
  assert.match(messageOf(file), /its directory "\/etc\/passwd" is not a directory$/);
});

test('a program that others could change is not run by root, and is by a user', async (t) => {
  const { start } = bench(t);
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  const text = '#!/bin/sh\nexit 0\n';
  const open = join(folder, 'open');
  mkdirSync(open);
  const inOpen = script(open, 'tool', text);
  chmodSync(open, 0o777);
  const strangers = script(folder, 'strangers', text);
  chownSync(strangers, 1, 1);
  const through = join(folder, 'through');
  symlinkSync(inOpen, through);
  const interpreted = script(folder, 'interpreted', `#!${inOpen}\n`);
  const writable = script(folder, 'writable', text, 0o775);
  for (const program of [inOpen, strangers, through, interpreted, writable]) {
    const answer = await start({ command: [program] });
    assert.equal(codeOf(answer), 'ESM_PROGRAM_UNSAFE', program);
    assert.equal(checkProgram(program, { asRoot: true })?.code, 'ESM_PROGRAM_UNSAFE');
    assert.equal(checkProgram(program, { asRoot: false }), null);
    assert.equal(codeOf(await start({ command: [program], user: 'daemon' })), 'started');
  }
  const safe = script(folder, 'safe', text);
  assert.equal(codeOf(await start({ command: [safe] })), 'started');
  assert.equal(checkProgram(safe, { asRoot: true }), null);
});

test('a log that is not a file of root alone is refused, and the process runs', async (t) => {
  const { start } = bench(t);
  const folder = temporaryFolder(t);
  const fifo = join(folder, 'fifo');
  const read = join(folder, 'fifo-with-a-reader');
  execFileSync('mkfifo', [fifo, read]);
  const reader = openSync(read, constants.O_RDONLY | constants.O_NONBLOCK);
  const target = join(folder, 'target');
  const link = join(folder, 'link');
  symlinkSync(target, link);
  const open = join(folder, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  const sticky = join(folder, 'sticky');
  mkdirSync(sticky);
  chmodSync(sticky, 0o1777);
  const strangers = join(folder, 'strangers');
  mkdirSync(strangers);
  chownSync(strangers, 1, 1);
  const cases = [
    [fifo, /it is a FIFO or a socket/],
    [read, /it is not a regular file/],
    [link, /it is a symbolic link/],
    [inner, /it is a folder/],
    ['/dev/null', /it is not a regular file/],
    [join(open, 'log'), /its group or others may write to it/],
    [join(sticky, 'log'), /its group or others may write to it/],
    [join(strangers, 'log'), /it belongs to user 1 /],
    [join(folder, 'two', 'missing', 'log'), /it is missing/],
  ] as const;
  for (const [log, message] of cases) {
    const answer = await start({ command: ['/bin/sleep', '100'], log });
    assert.ok(answer.ok, log);
    assert.deepEqual(
      answer.warnings.map(({ code }) => code),
      ['ESM_LOG_REFUSED'],
      log,
    );
    assert.match(answer.warnings[0]?.message ?? '', message);
    assert.match(answer.warnings[0]?.message ?? '', /the output goes to \/dev\/null$/);
    const { rdev } = statSync(`/proc/${answer.held.pid}/fd/1`);
    assert.equal(rdev, statSync('/dev/null').rdev);
  }
  closeSync(reader);
  assert.equal(existsSync(target), false, 'nothing is created through a link');
  assert.equal(existsSync(join(open, 'log')), false);
});

test('the shell that starts a program of root on a remote filesystem looks whose it is', (t) => {
  const folder = temporaryFolder(t);
  const safe = script(folder, 'safe', '#!/bin/sh\necho "in $PWD: $*"\n');
  const run = (program: string, asRoot: boolean) => {
    const [shell = '', ...args] = fromRemote('/proc', program, asRoot, [program, 'a', 'b c']);
    const { status, stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8', env: {} });
    return { status, stdout, stderr };
  };
  // /tmp, which is above, may be written to by everybody: on a remote filesystem that will not do.
  const above = `esmd: root would run ${safe}, but others can change /tmp\n`;
  assert.deepEqual(run(safe, true), { status: 126, stdout: '', stderr: above });
  assert.deepEqual(run(safe, false), { status: 0, stdout: 'in /proc: a b c\n', stderr: '' });
  assert.equal(run('/bin/echo', true).stdout, 'a b c\n');
  chmodSync(safe, 0o757);
  assert.match(run(safe, true).stderr, new RegExp(`but others can change ${safe}\\n$`));
  assert.equal(run('/no/such/program', true).status, 126);
  assert.equal(run('/no/such/program', false).status, 127);
});
