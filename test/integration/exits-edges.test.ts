/** What Exits reports, when and how often; and what it does when descriptors run out. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { pid } from '../../src/core/units.js';
import { openExits } from '../../src/os/exits.js';
import { mostReady } from '../../src/os/libc/epoll.js';
import { getLimit, setLimit } from '../../src/os/libc/limit.js';
import { waitOne } from '../../src/os/libc/process.js';
import type { Exit, Held } from '../../src/os/os.js';
import { edges, held, watch } from '../helpers/exits.js';
import { childrenOf, startChild, startOrphan, stateOf } from '../helpers/processes.js';
import { waitFor } from '../helpers/wait-for.js';

test('the exit status of a stranger is filled in when its parent has reaped it', async (t) => {
  const { exits, seen } = watch(t);
  const stranger = held(exits, startOrphan(t, `sh -c 'sleep 0.2; exit 42'`), 'adopted');
  const known = (exit: Exit) => exit.status.type !== 'unknown';
  await waitFor(() => seen.some(known), { what: 'its status (Linux 6.15)' });
  assert.equal(seen[0]?.edge, 'died');
  assert.deepEqual(
    seen.filter(known).map(({ status }) => status),
    [{ type: 'code', code: 42 }],
  );
  assert.deepEqual(new Set(seen.map((exit) => exit.held)), new Set([stranger]));
  stranger.release();
});

test('a stranger dies at the first edge, and its status comes with the second', async (t) => {
  const { exits, seen } = watch(t);
  // Its parent is stopped, and reaps it only when it goes on.
  const parent = startOrphan(t, `sh -c 'sleep 100; exit 0'`);
  const child = await waitFor(() => childrenOf(parent)[0], { what: 'the child to start' });
  const stranger = held(exits, pid(child), 'adopted');
  process.kill(parent, 'SIGSTOP');
  await waitFor(() => stateOf(parent) === 'T', { what: 'the parent to stop' });
  stranger.signal('KILL', 'process');
  await waitFor(() => seen.length === 1, { what: 'its death' });
  assert.deepEqual(edges(seen), [['died', { type: 'unknown' }]]);
  process.kill(parent, 'SIGCONT');
  await waitFor(() => seen.length === 2, { what: 'its status' });
  assert.deepEqual(edges(seen)[1], ['reaped', { type: 'signal', signal: 'SIGKILL' }]);
  stranger.release();
});

test('200 children and 50 strangers killed at once are all seen', async (t) => {
  const { exits, seen, ready } = watch(t);
  const all: Held[] = [];
  for (let n = 0; n < 200; n++) all.push(held(exits, startChild(t, '/bin/sleep', '100'), 'child'));
  const script = 'for n in $(seq 50); do sleep 100 </dev/null >/dev/null 2>&1 & echo $!; done';
  for (const line of execFileSync('/bin/sh', ['-c', script], { encoding: 'latin1' }).split('\n')) {
    if (line !== '') all.push(held(exits, pid(Number(line)), 'adopted'));
  }
  assert.equal(all.length, 250);
  for (const each of all) each.signal('KILL', 'process');
  const deaths = () => seen.filter(({ edge }) => edge === 'died');
  await waitFor(() => deaths().length === 250, { what: 'all deaths' });
  assert.equal(new Set(deaths().map((exit) => exit.held)).size, 250);
  assert.ok(ready() < 500);
  for (const each of all) each.release();
});

test('of as many ends as are taken at once there are no more to come', async (t) => {
  const { exits, seen } = watch(t);
  const all = Array.from({ length: mostReady }, () =>
    held(exits, startChild(t, '/bin/sleep', '100'), 'child'),
  );
  for (const each of all) each.signal('KILL', 'process');
  // The event loop is to hear of all of them at once.
  while (all.some((each) => each.isAlive()));
  await waitFor(() => seen.length === mostReady, { what: 'all deaths' });
  await waitFor(() => !exits.hasMore(), { what: 'nothing to be awaited' });
  for (const each of all) each.release();
});

test('an end is drained without waiting for the event loop', (t) => {
  const { exits } = watch(t);
  const child = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
  assert.deepEqual(exits.drain(), []);
  child.signal('KILL', 'process');
  while (child.isAlive());
  assert.deepEqual(edges(exits.drain()), [['died', { type: 'signal', signal: 'SIGKILL' }]]);
  assert.deepEqual(exits.drain(), []);
  child.release();
});

test('what is released in the same turn is not reported any more', async (t) => {
  const { exits, seen } = watch(t);
  const first = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
  const second = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
  first.signal('KILL', 'process');
  second.signal('KILL', 'process');
  while (first.isAlive() || second.isAlive());
  first.release();
  await waitFor(() => seen.length > 0, { what: 'the other one' });
  assert.deepEqual(
    seen.map((exit) => exit.held),
    [second],
  );
  second.release();
});

test('what is released between being noticed and being drained is not reported', async (t) => {
  let ready = 0;
  const exits = openExits({
    onReady: () => (ready += 1),
    onBug: (error) => {
      throw error;
    },
  });
  t.after(() => {
    exits.close();
  });
  const first = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
  const second = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
  first.signal('KILL', 'process');
  second.signal('KILL', 'process');
  await waitFor(() => ready > 0 && !first.isAlive() && !second.isAlive(), { what: 'both ends' });
  first.release();
  assert.deepEqual(
    exits.drain().map((exit) => exit.held),
    [second],
  );
  second.release();
  exits.close();
  exits.close();
  assert.deepEqual(exits.drain(), []);
});

test('a zombie that is held does not keep the event loop busy', async (t) => {
  const { exits, seen, ready } = watch(t);
  const child = held(exits, startChild(t, '/bin/true'), 'child');
  await waitFor(() => seen.length === 1, { what: 'its end' });
  const before = ready();
  const used = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(ready(), before);
  const { user, system } = process.cpuUsage(used);
  assert.ok(user + system < 50_000, `${user + system} µs`);
  child.release();
});

test('a child whose status somebody else took away is reported all the same', async (t) => {
  for (const mechanisms of [{}, { pidfd: false }]) {
    const { exits, seen } = watch(t, mechanisms);
    const child = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
    child.signal('KILL', 'process');
    while (child.isAlive());
    waitOne('pid', child.pid, false);
    await waitFor(() => seen.length === 1, { what: 'its death' });
    assert.equal(seen[0]?.edge, 'died');
    assert.equal(child.isAlive(), false);
    assert.ok(child.signal('KILL', 'process').ok);
    child.release();
  }
});

test('when descriptors have run out, a child is held by SIGCHLD and a stranger is not', async (t) => {
  const { exits, seen } = watch(t);
  const child = startChild(t, '/bin/sleep', '100');
  const stranger = startOrphan(t, 'sleep 100');
  const results = withoutDescriptors(
    () => [exits.hold(child, 'child'), exits.hold(stranger, 'adopted')] as const,
  );
  assert.ok(results[0].ok);
  assert.equal(results[0].value.means, 'sigchld');
  assert.equal(results[1].ok ? 'held' : results[1].problem.code, 'ESM_PROCESS_NOT_HELD');
  results[0].value.signal('KILL', 'process');
  await waitFor(() => seen.length === 1, { what: 'its death' });
  results[0].value.release();
});

function withoutDescriptors<T>(act: () => T): T {
  const limit = getLimit('openFiles');
  const fillers: number[] = [];
  setLimit('openFiles', { ...limit, soft: 100n });
  try {
    for (;;) {
      try {
        fillers.push(openSync('/dev/null', 'r'));
      } catch {
        break;
      }
    }
    return act();
  } finally {
    setLimit('openFiles', limit);
    for (const fd of fillers) closeSync(fd);
  }
}

test('pidfds leave the low numbers to files when these get scarce', (t) => {
  const { exits } = watch(t);
  const numbers = (): readonly number[] => readdirSync('/proc/self/fd').filter(isPidfd).map(Number);
  const few = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
  assert.ok(numbers().every((fd) => fd < 64));
  few.release();
  const files: number[] = [];
  t.after(() => {
    files.forEach((fd) => {
      closeSync(fd);
    });
  });
  while ((files.at(-1) ?? 0) < 64) files.push(openSync('/dev/null', 'r'));
  const child = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
  assert.ok(numbers().some((fd) => fd >= 1024));
  child.release();
});

function isPidfd(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).includes('pidfd');
  } catch {
    return false; // What the folder was read through.
  }
}

for (const loopWatch of [true, false]) {
  test(`forty that end at once are all reported, the loop ${loopWatch ? '' : 'not '}watching`, async (t) => {
    const { exits, seen } = watch(t, { loopWatch });
    const all = Array.from({ length: 40 }, () =>
      held(exits, startChild(t, '/bin/sleep', '100'), 'child'),
    );
    for (const one of all) one.signal('KILL', 'process');
    await waitFor(() => seen.length >= all.length, { what: 'all ends' });
    assert.deepEqual(new Set(seen.map((exit) => exit.held)), new Set(all));
    for (const one of all) one.release();
  });
}

test('what the event loop has not told of yet is told by drain() alone', async (t) => {
  const { exits, seen } = watch(t);
  const child = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
  child.signal('KILL', 'process');
  while (child.isAlive());
  assert.deepEqual(exits.told(), []);
  assert.deepEqual(
    exits.drain().map((exit) => exit.held),
    [child],
  );
  child.release();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(seen, []);
});
