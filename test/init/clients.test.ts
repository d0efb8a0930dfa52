/** Clients without manners: no death waits for them, root is not crowded out, nothing is left. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ask, RawClient } from '../helpers/unix-client.js';
import { bootGuarded, sleepOf, type Guarded } from './lib/guarded.js';

const sleeper = 'command = ["/bin/sleep", "4881"]\nprobation = "0s"\n[restart]\nlimit = 1000\n';

/** What keeps esmd busy: it ends at once, again and again. */
const restless = 'command = ["/bin/true"]\n[restart]\nlimit = 10000\ndelay = "0s"\n';

const sockets = ['/run/esmd/status.sock', '/run/esmd/esmd.sock'] as const;

type Size = Readonly<{ pid: number; descriptors: number; megabytes: number; peak: number }>;

async function sizeOf(guarded: Guarded): Promise<Size> {
  const pid = await guarded.esmdPid();
  const status = guarded.machine.readFile(`/proc/${pid}/status`);
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return {
    pid,
    descriptors: guarded.machine.files.list(`/proc/${pid}/fd`).length,
    megabytes: kilobytes('VmRSS') / 1024,
    peak: kilobytes('VmHWM') / 1024,
  };
}

/** A machine whose esmd has answered and restarted before: what it needs for that is there. */
async function boot(
  context: TestContext,
  services: Readonly<Record<string, string>> = {},
): Promise<Readonly<{ guarded: Guarded; before: Size }>> {
  const guarded = await bootGuarded(context, { services: { sleeper, ...services } });
  await assertUnmoved(guarded);
  const pid = await guarded.esmdPid();
  for (const socket of sockets) {
    await guarded.machine.waitFor(() => guarded.machine.files.exists(socket), socket);
    await ask(guarded.machine.files.path(socket), '/v1/status');
  }
  // proc_pid_clear_refs(5): 5 sets the peak to what it is now.
  await guarded.machine.must(['sh', '-c', `echo 5 >/proc/${pid}/clear_refs`]);
  return { guarded, before: await sizeOf(guarded) };
}

/** While whatever it is goes on: deaths are answered at once, and root is heard. */
async function assertUnmoved(guarded: Guarded): Promise<void> {
  const { machine } = guarded;
  for (let round = 0; round < 5; round += 1) {
    const pid = await guarded.waitForPid('sleeper');
    machine.kill(pid);
    await machine.waitForPid(sleepOf(4881), [pid], 2_000);
  }
  const status = await guarded.esmctl('status', 'sleeper');
  assert.equal(status.code, 0, status.stderr);
}

/** What they took is given back; how much a heap of Node's keeps is its own affair. */
async function assertGivenBack(guarded: Guarded, before: Size): Promise<void> {
  const isBack = async (): Promise<boolean> =>
    (await sizeOf(guarded)).descriptors <= before.descriptors;
  await guarded.machine.waitFor(isBack, 'the descriptors to be closed');
  const { pid, megabytes, peak } = await sizeOf(guarded);
  assert.equal(pid, before.pid, 'it is the same esmd');
  assert.ok(megabytes < before.megabytes + 30, `${before.megabytes} MB became ${megabytes}`);
  assert.ok(peak < before.megabytes + 60, `${before.megabytes} MB rose to ${peak}`);
}

/** What clients do is none of syslog's business. */
const assertSilent = (guarded: Guarded): void =>
  assert.ok(guarded.log().length < 100, 'no client is a line in syslog');

for (const [name, opening] of [
  ['say nothing', undefined],
  ['begin a request', 'GET /v1/status HTTP/1.1\r\nHost: '],
] as const) {
  test(`a thousand that ${name}, at once`, async (context) => {
    const { guarded, before } = await boot(context);
    const path = guarded.machine.files.path('/run/esmd/status.sock');
    const crowd = Array.from({ length: 1000 }, () => new RawClient(context, path, opening));
    await assertUnmoved(guarded);
    // Those beyond the limit are sent away at once, so never many are there; the others have time.
    let most = 0;
    const areSentAway = async (): Promise<boolean> => {
      most = Math.max(most, (await sizeOf(guarded)).descriptors);
      return crowd.filter(({ isClosed }) => isClosed).length >= 800;
    };
    await guarded.machine.waitFor(areSentAway, 'most to be sent away');
    assert.ok(most < before.descriptors + 200, `${most} descriptors`);
    await assertUnmoved(guarded);
    for (const { socket } of crowd) socket.destroy();
    await assertGivenBack(guarded, before);
    const { status } = await ask(path, '/v1/status');
    assert.equal(status, 200);
    assertSilent(guarded);
  });
}

test('garbage', async (context) => {
  const { guarded, before } = await boot(context);
  const openings = [
    '\0\u0001\u0002\u0003'.repeat(1000),
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'POST /v1/services/sleeper/stop HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'POST /v1/services/sleeper/stop HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'POST /v1/services/sleeper/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n{{{{',
    `GET /${'a/'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
    `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(5_000)}\r\n`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ];
  for (const socket of sockets) {
    const path = guarded.machine.files.path(socket);
    const clients = openings.map((opening) => new RawClient(context, path, opening));
    await assertUnmoved(guarded);
    for (const [i, client] of clients.entries()) {
      await guarded.machine.waitFor(() => client.isClosed || client.status !== null, `number ${i}`);
      assert.notEqual(client.status, 200, openings[i]?.slice(0, 40));
      client.socket.destroy();
    }
  }
  const { desired, pid } = await guarded.service('sleeper');
  assert.equal(desired, 'up');
  assert.ok(pid !== null);
  await assertGivenBack(guarded, before);
  assertSilent(guarded);
});

/** Sends until the other side has had enough, or all is sent. */
async function send(client: RawClient, bytes: number): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024, 'a');
  let sent = 0;
  const closed = new Promise((resolve) => client.socket.once('close', resolve));
  while (sent < bytes && !client.isClosed) {
    sent += chunk.length;
    if (client.socket.write(chunk)) continue;
    await Promise.race([closed, new Promise((resolve) => client.socket.once('drain', resolve))]);
  }
  return sent;
}

test('a hundred megabytes, as a header, as a body, and in pieces', async (context) => {
  const { guarded, before } = await boot(context);
  const hundred = 100 * 1024 * 1024;
  const head = 'POST /v1/services/sleeper/start HTTP/1.1\r\nHost: x\r\n';
  const openings = [
    'GET /v1/status HTTP/1.1\r\nX: ',
    `${head}Content-Length: ${hundred}\r\n\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\nfffffff\r\n`,
  ];
  const path = guarded.machine.files.path('/run/esmd/esmd.sock');
  const sending = openings.map((opening) => send(new RawClient(context, path, opening), hundred));
  await assertUnmoved(guarded);
  for (const [i, sent] of (await Promise.all(sending)).entries()) {
    assert.ok(sent < hundred / 10, `${sent} bytes were taken of number ${i}`);
  }
  await assertGivenBack(guarded, before);
});

test('a stream that nobody reads is cut, and others go on', async (context) => {
  const { guarded, before } = await boot(context, { restless });
  const path = guarded.machine.files.path('/run/esmd/esmd.sock');
  const opening = 'GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n';
  const deaf = Array.from({ length: 5 }, () => new RawClient(context, path, opening));
  const listener = new RawClient(context, path, opening);
  for (const { socket } of deaf) socket.pause();
  // What a stream may have waiting, and what the kernel takes besides.
  const enough = (): boolean => listener.text.length > 1024 * 1024;
  await guarded.machine.waitFor(enough, 'a megabyte of events', 30_000);
  await assertUnmoved(guarded);
  assert.equal(await guarded.ask('stop', 'restless'), 202);
  for (const { socket } of deaf) socket.resume();
  for (const client of deaf) {
    await guarded.machine.waitFor(() => client.isClosed, 'a deaf one to be cut');
    assert.ok(client.text.includes('event: missed'), client.text.slice(-500));
  }
  assert.ok(!listener.isClosed);
  assert.ok(!listener.text.includes('event: missed'));
  listener.socket.destroy();
  await guarded.waitForState('restless', 'stopped');
  await assertGivenBack(guarded, before);
});
