import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { waitFor } from '../helpers/wait-for.js';
import { hostState, leftoversOf } from './lib/leftovers.js';
import { bootLight } from './lib/light.js';
import { Machine, type Traces } from './lib/machine.js';

const inittab = [{ id: 'dm', action: 'respawn', process: '/bin/sleep 4752' }] as const;
const victim = join(import.meta.dirname, 'lib/victim.js');

test('a machine that is destroyed leaves nothing', async () => {
  const before = hostState();
  const machine = await bootLight({ init: 'sysvinit', inittab, hasEsmd: false });
  const { traces } = machine;
  // Of a service that has a cgroup of its own, and of visitors, one of them stopped.
  await machine.must(['mkdir', '-p', '/sys/fs/cgroup/esmd/service']);
  const visitor = await machine.start(['sleep', '4753']);
  machine.kill(visitor.pid, 'SIGSTOP');
  assert.ok(leftoversOf(traces).length > 3, 'it can be seen while it runs');
  await machine.destroy();
  assert.deepEqual(leftoversOf(traces), []);
  assert.deepEqual(hostState(), before);
  await machine.destroy();
});

test('a machine that shuts itself down leaves nothing', async (context) => {
  const machine = await bootLight({ init: 'sysvinit', inittab, hasEsmd: false });
  context.after(() => machine.destroy());
  const { traces } = machine;
  await machine.powerOff();
  assert.deepEqual(leftoversOf(traces), []);
});

test('a machine whose init dies leaves nothing', async (context) => {
  const machine = await bootLight({ init: 'busybox', inittab, hasEsmd: false });
  context.after(() => machine.destroy());
  const { traces } = machine;
  process.kill(machine.hostPid, 'SIGKILL');
  await waitFor(() => machine.hasEnded, { what: 'the end' });
  assert.deepEqual(leftoversOf(traces), []);
});

test('a machine that cannot be made says why, and leaves nothing', async () => {
  const before = hostState();
  const layers = ['/nonexistent.tar'];
  const booting = Machine.boot({ init: ['/sbin/init'], layers, powerOff: [] });
  await assert.rejects(booting, /nonexistent\.tar/);
  assert.deepEqual(hostState(), before);
});

for (const death of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'throw'] as const) {
  test(`a test that ends by ${death} takes its machine along`, async (context) => {
    const args = death === 'throw' ? [victim, death] : [victim];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    context.after(() => child.kill('SIGKILL'));
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const traces = JSON.parse(line) as Traces;
    if (death !== 'throw') {
      assert.ok(leftoversOf(traces).length > 3, 'it runs');
      child.kill(death);
    }
    const what = (): string => leftoversOf(traces).join(', ');
    await waitFor(() => what() === '', { what: `the end of ${what()}`, timeoutMs: 10_000 });
  });
}
