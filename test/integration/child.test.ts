/** What a new process is given, against the kernel. */

import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSpawner } from '../../src/os/child.js';
import { getLimit, umask } from '../../src/os/libc/limit.js';
import { bench, codeOf, messageOf, plainRequest } from '../helpers/spawner.js';
import { stateOf } from '../helpers/processes.js';
import { waitFor } from '../helpers/wait-for.js';

/** `Name:\tvalue` lines of /proc/PID/status. */
function fields(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split('\n').map((line) => {
      const [name = '', value = ''] = line.split(':\t', 2);
      return [name, value.trim()] as const;
    }),
  );
}

test('signals, mask, umask and session are fresh', async (t) => {
  const { output } = bench(t);
  const before = umask(0o077);
  umask(before);
  const { text, held } = await output(['/bin/cat', '/proc/self/status'], { umask: 0o027 });
  const status = fields(text);
  const none = '0000000000000000';
  assert.deepEqual(
    [status['SigIgn'], status['SigBlk'], status['SigCgt'], status['ShdPnd'], status['Umask']],
    [none, none, none, none, '0027'],
  );
  assert.equal(status['NSsid'], String(held.pid));
  assert.equal(status['NSpgid'], String(held.pid));
  assert.equal(umask(before), before, 'the umask of esmd itself is what it was');
  const ignored = BigInt(
    `0x${fields(readFileSync('/proc/self/status', 'latin1'))['SigIgn'] ?? '0'}`,
  );
  assert.notEqual(ignored & (1n << 12n), 0n, 'Node itself ignores SIGPIPE');
});

test('a process has descriptors 0, 1 and 2, and no others', async (t) => {
  const { output } = bench(t);
  const { text } = await output(['/bin/ls', '-l', '/proc/self/fd']);
  const links = [...text.matchAll(/ (\d+) -> (\S+)$/gm)].map(([, fd, to]) => [Number(fd), to]);
  // ls(1) itself has opened the folder that it lists.
  assert.deepEqual(
    links.map(([fd]) => fd),
    [0, 1, 2, 3],
  );
  assert.equal(links[0]?.[1], '/dev/null');
  assert.equal(links[1]?.[1], links[2]?.[1]);
  assert.match(String(links[3]?.[1]), /^\/proc\/\d+\/fd$/);
});

test('directory and environment are those asked for, and nothing else', async (t) => {
  const { output, folder } = bench(t);
  process.env['ESMD_TEST_LEAK'] = '1';
  const environment = { LANG: 'C', EMPTY: '', WEIRD: 'a=b\nc "ü"' };
  const { text } = await output(['/bin/cat', '/proc/self/environ'], { environment });
  delete process.env['ESMD_TEST_LEAK'];
  assert.deepEqual(text.split('\0'), ['LANG=C', 'EMPTY=', 'WEIRD=a=b\nc "ü"', '']);
  const where = await output(['/bin/pwd', '-P'], { directory: folder });
  assert.equal(where.text, `${folder}\n`);
});

test('arguments arrive as they are', async (t) => {
  const { output } = bench(t);
  const args = ['', ' ', "'", '"', '$HOME', '*', 'ü', '-n', '\n'];
  const printed = await output(['/usr/bin/printf', '<%s>', ...args]);
  assert.equal(printed.text, args.map((arg) => `<${arg}>`).join(''));
});

const openFiles = (text: string): readonly string[] =>
  /^Max open files\s+(\d+)\s+(\d+)/m.exec(text)?.slice(1) ?? [];

test('the soft limit of open files is not the one that Node has raised', async (t) => {
  const { output } = bench(t);
  const own = getLimit('openFiles');
  assert.equal(own.soft, own.hard, 'Node raises it');
  const { text } = await output(['/bin/cat', '/proc/self/limits']);
  assert.deepEqual(openFiles(text), ['1024', String(own.hard)]);
  assert.deepEqual(getLimit('openFiles'), own);
});

test('nofile sets both limits, by a shell where esmd could not go back', async (t) => {
  const { output } = bench(t, (exits) => createSpawner(exits, false));
  const own = getLimit('openFiles');
  const { text, codes } = await output(['/bin/cat', '/proc/self/limits'], { nofile: 777 });
  assert.deepEqual(openFiles(text), ['777', '777']);
  assert.deepEqual(codes, []);
  const many = await output(['/bin/cat', '/proc/self/limits'], { nofile: Number(own.hard) + 1 });
  assert.deepEqual(openFiles(many.text), [String(own.hard), String(own.hard)]);
  assert.deepEqual(many.codes, ['ESM_LIMIT_REFUSED']);
  assert.deepEqual(getLimit('openFiles'), own);
});

test('nofile sets both limits, by esmd itself where it can go back', async (t) => {
  const { output } = bench(t, (exits) => createSpawner(exits, true));
  const own = getLimit('openFiles');
  const nofile = Number(own.hard); // Any other one needs CAP_SYS_RESOURCE, to go back.
  const { text, codes } = await output(['/bin/cat', '/proc/self/limits'], { nofile });
  assert.deepEqual(openFiles(text), [String(nofile), String(nofile)]);
  assert.deepEqual(codes, []);
  // Above fs.nr_open: root may not either.
  const tooMany = await output(['/bin/cat', '/proc/self/limits'], { nofile: 2 ** 31 });
  assert.deepEqual(openFiles(tooMany.text), ['1024', String(own.hard)]);
  assert.deepEqual(tooMany.codes, ['ESM_LIMIT_REFUSED']);
  assert.deepEqual(getLimit('openFiles'), own);
});

test('a process gets the user and group, and the groups the user is in', async (t) => {
  const { output } = bench(t);
  const ids = async (user: string | null, group: string | null) => {
    const { text } = await output(['/bin/cat', '/proc/self/status'], { user, group });
    const { Uid, Gid, Groups, CapEff } = fields(text);
    return [Uid, Gid, Groups, CapEff === '0000000000000000' ? 'no capabilities' : 'capabilities'];
  };
  const four = (id: number) => Array<number>(4).fill(id).join('\t');
  assert.deepEqual(await ids('daemon', null), [four(1), four(1), '1', 'no capabilities']);
  assert.deepEqual(await ids('daemon', 'bin'), [four(1), four(2), '1', 'no capabilities']);
  assert.deepEqual(await ids('1', '7'), [four(1), four(7), '1', 'no capabilities']);
  assert.deepEqual(await ids('54321', '54322'), [four(54321), four(54322), '', 'no capabilities']);
  assert.deepEqual(await ids('root', 'daemon'), [four(0), four(1), '0', 'capabilities']);
  const asRoot = await ids('root', null);
  assert.deepEqual(asRoot.slice(0, 2), [four(0), four(0)]);
});

test('a user or group that does not exist is a problem', async (t) => {
  const { start } = bench(t);
  assert.equal(codeOf(await start({ user: 'no-such-user' })), 'ESM_USER_UNKNOWN');
  assert.equal(codeOf(await start({ group: 'no-such-group' })), 'ESM_GROUP_UNKNOWN');
  const unnamed = await start({ user: '54321' });
  assert.equal(codeOf(unnamed), 'ESM_GROUP_UNKNOWN');
  assert.match(messageOf(unnamed), /54321 has no entry/);
});

test('the answer comes before the call returns, and the exit is seen', async (t) => {
  const { exits, seen } = bench(t);
  const spawner = createSpawner(exits);
  let answered = false;
  spawner.spawn({ ...plainRequest, command: ['/bin/sh', '-c', 'exit 5'] }, (answer) => {
    answered = answer.ok;
  });
  assert.ok(answered);
  await waitFor(() => seen.length === 1, { what: 'its end' });
  assert.deepEqual(seen[0]?.status, { type: 'code', code: 5 });
  const pid = seen[0].held.pid;
  seen[0].held.release();
  assert.equal(stateOf(pid), null);
});

test('what a process writes is appended to its log, which only root and its group read', async (t) => {
  const { start, folder } = bench(t);
  const log = join(folder, 'new', 'service.log'); // Its folder is made.
  for (const word of ['one', 'two']) {
    const answer = await start({
      command: ['/bin/sh', '-c', `echo ${word}; echo ${word} >&2`],
      log,
    });
    assert.ok(answer.ok);
    assert.deepEqual(answer.warnings, []);
    await waitFor(() => !answer.held.isAlive(), { what: 'it to end' });
  }
  assert.equal(readFileSync(log, 'utf8'), 'one\none\ntwo\ntwo\n');
  assert.equal(statSync(log).mode & 0o777, 0o640);
});

test('a text that C would cut is refused', async (t) => {
  const { start } = bench(t);
  for (const request of [
    { command: ['/bin/echo', 'a\0b'] },
    { directory: '/\0' },
    { environment: { A: '\0' } },
  ]) {
    assert.match(messageOf(await start(request)), /contain a NUL character/);
  }
});

test('arguments that are too long are a failure of the service, not a shortage', async (t) => {
  const { start } = bench(t);
  const answer = await start({ command: ['/bin/true', 'x'.repeat(3 * 1024 * 1024)] });
  assert.match(messageOf(answer), /too long/);
  assert.equal(answer.ok ? null : answer.shortage, false);
});

test('the readiness to be killed for memory is not inherited', async (t) => {
  const { output } = bench(t);
  const own = '/proc/self/oom_score_adj';
  const before = readFileSync(own, 'latin1');
  writeFileSync(own, '300');
  try {
    const { text } = await output(['/bin/cat', own]);
    assert.equal(text, '0\n');
    assert.equal(readFileSync(own, 'latin1'), '300\n');
  } finally {
    writeFileSync(own, before);
  }
});
