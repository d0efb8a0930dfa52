/** Holding processes: the way of this kernel, and each fallback in its place. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { pid } from '../../src/core/units.js';
import { findMechanisms, type Mechanisms } from '../../src/os/mechanisms.js';
import type { Held } from '../../src/os/os.js';
import { held, watch } from '../helpers/exits.js';
import {
  childrenOf,
  membersOf,
  startChild,
  startOrphan,
  startStranger,
  startTime,
  stateOf,
} from '../helpers/processes.js';
import { waitFor } from '../helpers/wait-for.js';

/** A way to hold a process, and what it is called then. */
type Way = Readonly<{ name: string; mechanisms: Partial<Mechanisms>; child: Held['means'] }>;

const ways: readonly Way[] = [
  { name: 'as on this kernel', mechanisms: {}, child: 'pidfd' },
  {
    name: 'as before Linux 6.9',
    mechanisms: { groupSignal: false, exitInfo: false },
    child: 'pidfd',
  },
  {
    name: 'as on Linux 5.3',
    mechanisms: { groupSignal: false, exitInfo: false, waitPidfd: false },
    child: 'pidfd',
  },
  { name: 'without a watch by the event loop', mechanisms: { loopWatch: false }, child: 'poll' },
  { name: 'without pidfd', mechanisms: { pidfd: false, pollMs: 20 }, child: 'sigchld' },
];

/** Whether the kernel tells a group from a later one of the same number: Linux 6.9. */
const knowsGroups = (given: Partial<Mechanisms>): boolean => {
  const { pidfd, groupSignal } = { ...findMechanisms(), ...given };
  return pidfd && groupSignal;
};

for (const { name, mechanisms, child } of ways) {
  test(`${name}: the end of a child is seen once, with its status`, async (t) => {
    const { exits, seen } = watch(t, mechanisms);
    const sleeper = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
    const coder = held(exits, startChild(t, '/bin/sh', '-c', 'exit 7'), 'child');
    assert.equal(sleeper.means, child);
    await waitFor(() => seen.length === 1, { what: 'exit 7' });
    assert.deepEqual(seen[0], { held: coder, edge: 'died', status: { type: 'code', code: 7 } });
    assert.equal(coder.isAlive(), false);
    assert.equal(sleeper.isAlive(), true);
    assert.deepEqual(sleeper.signal('KILL', 'process'), { ok: true, value: undefined });
    await waitFor(() => seen.length === 2, { what: 'SIGKILL' });
    const status = { type: 'signal', signal: 'SIGKILL' };
    assert.deepEqual(seen[1], { held: sleeper, edge: 'died', status });
    assert.equal(sleeper.isAlive(), false);
    assert.deepEqual(exits.drain(), []);
    for (const each of [sleeper, coder]) {
      assert.equal(stateOf(each.pid), 'Z', 'its number stays reserved until it is released');
      each.release();
      each.release();
      assert.equal(stateOf(each.pid), null);
    }
  });

  test(`${name}: the end of a stranger is seen`, async (t) => {
    const { exits, seen } = watch(t, mechanisms);
    const stranger = held(exits, startOrphan(t, 'sleep 100'), 'adopted');
    assert.equal(stranger.means, mechanisms.pidfd === false ? 'poll' : child);
    assert.equal(String(stranger.startTime), startTime(stranger.pid));
    assert.equal(stranger.isAlive(), true);
    assert.ok(stranger.signal('TERM', 'process').ok);
    await waitFor(() => seen.length > 0, { what: 'its death' });
    assert.equal(seen[0]?.edge, 'died');
    assert.equal(stranger.isAlive(), false);
    assert.ok(stranger.signal('TERM', 'process').ok, 'nothing is left to signal, which is fine');
    stranger.release();
  });

  test(`${name}: a signal reaches the group of a leader that is dead, and then nobody`, async (t) => {
    const { exits, seen } = watch(t, mechanisms);
    // The leader, in a session of its own, leaves a member of its group behind.
    const leader = held(
      exits,
      startChild(t, '/bin/sh', '-c', 'sleep 99 & read line </proc/self/stat; exit 0'),
      'child',
    );
    await waitFor(() => seen.length === 1, { what: 'the leader to end' });
    assert.equal(membersOf(leader.pid).length, 1);
    assert.ok(leader.signal('TERM', 'group').ok);
    await waitFor(() => membersOf(leader.pid).length === 0, { what: 'the member to end' });
    assert.ok(leader.signal('TERM', 'group').ok);
    leader.release();
  });

  test(`${name}: a signal to the group of a stranger that is dead and reaped hits no other's`, async (t) => {
    const { exits, seen } = watch(t, mechanisms);
    const script = `'sleep 98 & while :; do sleep 0.05; done'`;
    const leader = held(exits, await startStranger(t, `setsid sh -c ${script}`), 'adopted');
    await waitFor(() => membersOf(leader.pid).length >= 2, { what: 'the members to start' });
    assert.ok(leader.signal('KILL', 'process').ok);
    await waitFor(() => seen.length > 0 && stateOf(leader.pid) === null, { what: 'its end' });
    assert.notEqual(membersOf(leader.pid).length, 0);
    assert.ok(leader.signal('KILL', 'group').ok);
    if (knowsGroups(mechanisms)) {
      await waitFor(() => membersOf(leader.pid).length === 0, { what: 'the members to end' });
    } else {
      // Death takes a moment: if a later process has died of a later signal, these have not.
      const other = held(exits, startChild(t, '/bin/sleep', '97'), 'child');
      other.signal('KILL', 'process');
      await waitFor(() => !other.isAlive(), { what: 'another to end' });
      assert.notEqual(membersOf(leader.pid).length, 0, 'it was anybody for all we know');
      for (const member of membersOf(leader.pid)) process.kill(member, 'SIGKILL');
    }
    leader.release();
  });

  test(`${name}: a child that is released alive is reaped when it ends, without a word`, async (t) => {
    const { exits, seen } = watch(t, mechanisms);
    const child = held(exits, startChild(t, '/bin/sleep', '100'), 'child');
    child.release();
    assert.equal(child.isAlive(), false);
    assert.equal(child.signal('KILL', 'process').ok, false);
    assert.ok('RS'.includes(stateOf(child.pid) ?? 'none'));
    process.kill(child.pid, 'SIGKILL');
    await waitFor(() => stateOf(child.pid) === null, { what: 'it to be reaped' });
    assert.deepEqual(seen, []);
  });

  test(`${name}: a process that has gone, a zombie and a thread are not held`, async (t) => {
    const { exits } = watch(t, mechanisms);
    const problemOf = (number: number) => {
      const result = exits.hold(pid(number), 'adopted');
      return result.ok ? 'held' : result.problem.code;
    };
    // The parent replaces itself by a program that does not wait: its child stays a zombie.
    const parent = startOrphan(t, `sh -c 'sleep 0 & exec sleep 100'`);
    const zombie = await waitFor(() => childrenOf(parent)[0], { what: 'the child to start' });
    await waitFor(() => stateOf(zombie) === 'Z', { what: 'it to become a zombie' });
    assert.equal(problemOf(zombie), 'ESM_PROCESS_GONE');
    // The number of a thread that is not the first of its process.
    const thread = Math.max(...readdirSync('/proc/self/task').map(Number));
    const ended = startChild(t, '/bin/true');
    const child = held(exits, ended, 'child');
    await waitFor(() => !child.isAlive(), { what: 'it to end' });
    child.release();
    for (const number of [ended, thread, 0, -1, 4_194_304]) {
      assert.equal(problemOf(number), 'ESM_PROCESS_GONE', String(number));
    }
  });
}
