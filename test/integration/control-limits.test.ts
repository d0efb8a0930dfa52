/** Bad weather on the control sockets: whatever clients do, others are answered. */

import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import {
  bodyBytes,
  replyMs,
  requestMs,
  rootLimits,
  statusLimits,
} from '../../src/control/limits.js';
import { runControl } from '../helpers/control.js';
import { aService, FakeDaemon } from '../helpers/fake-daemon.js';
import { ask, RawClient } from '../helpers/unix-client.js';
import { waitFor } from '../helpers/wait-for.js';

const post = 'POST /v1/services/cron/stop HTTP/1.1\r\n';
const late = { timeoutMs: requestMs + 3_000 };

/** Opens connections that are in place when this returns. */
async function crowd(
  context: TestContext,
  path: string,
  count: number,
  opening?: string,
): Promise<readonly RawClient[]> {
  const clients = Array.from({ length: count }, () => new RawClient(context, path, opening));
  await Promise.all(clients.map(({ connected }) => connected));
  return clients;
}

describe('a request has 5 s', { concurrency: true }, () => {
  const rows: readonly [string, string | undefined, number | null][] = [
    ['nothing at all', undefined, 408],
    ['half a request line', 'GET /v1/st', 408],
    ['a header without an end', 'GET /v1/status HTTP/1.1\r\nA: b\r\n', 408],
    ['half a body', `${post}Content-Length: 20\r\n\r\n{"force"`, 408],
    ['a chunked body without an end', `${post}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n`, 408],
  ];
  for (const [name, opening, status] of rows) {
    test(name, async (context) => {
      const daemon = new FakeDaemon(aService('cron'));
      const { root } = await runControl(context, daemon);
      const began = performance.now();
      const client = new RawClient(context, root, opening);
      await waitFor(() => client.isClosed, { ...late, what: 'closed' });
      assert.equal(client.status, status);
      assert.ok(performance.now() - began > requestMs - 100);
      assert.deepEqual(daemon.asked, []);
    });
  }

  test('one byte a moment does not make it longer', async (context) => {
    const { root } = await runControl(context, new FakeDaemon());
    const began = performance.now();
    const client = new RawClient(context, root, 'GET /v1/status HTTP/1.1\r\nA: ');
    const drip = setInterval(() => client.socket.write('b'), 100);
    context.after(() => {
      clearInterval(drip);
    });
    await waitFor(() => client.isClosed, { ...late, what: 'closed' });
    assert.equal(client.status, 408);
    assert.ok(performance.now() - began < requestMs + 2_000);
  });

  test('a connection that rests after a reply is closed without a word', async (context) => {
    const { root } = await runControl(context, new FakeDaemon());
    const client = new RawClient(context, root, 'GET /metrics HTTP/1.1\r\n\r\n');
    await waitFor(() => client.isClosed, { ...late, what: 'closed' });
    assert.equal(client.text.match(/HTTP\/1\.1/g)?.length, 1);
    assert.equal(client.status, 200);
  });
});

test('garbage gets 400 and is closed', async (context) => {
  const { root, status } = await runControl(context, new FakeDaemon());
  const garbage = [
    'hello\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    '\0\0\0\0\0\0\0\0\r\n',
    'GET /v1/status HTTP/9.9\r\n\r\n',
    'GET /v1/status HTTP/1.1\r\nA\0B: c\r\n\r\n',
    `${post}Content-Length: -1\r\n\r\n`,
    `${post}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  ];
  for (const socket of [root, status]) {
    for (const text of garbage) {
      const client = new RawClient(context, socket, text);
      await waitFor(() => client.isClosed, { what: `closed after ${JSON.stringify(text)}` });
      assert.equal(client.status, 400, JSON.stringify(text));
    }
  }
  assert.equal((await ask(root, '/v1/status')).status, 200);
});

test('a header of more than 8 KiB gets 431', async (context) => {
  const { root } = await runControl(context, new FakeDaemon());
  const client = new RawClient(context, root, `GET / HTTP/1.1\r\nA: ${'x'.repeat(9000)}\r\n\r\n`);
  await waitFor(() => client.isClosed, { what: 'closed' });
  assert.equal(client.status, 431);
});

test('100 MB are refused unread, whether announced, chunked, or sent to a question', async (context) => {
  const daemon = new FakeDaemon(aService('cron'));
  const { root } = await runControl(context, daemon);
  const size = 100 * 1024 * 1024;
  const chunk = 'x'.repeat(1024 * 1024);
  const openings = [
    `${post}Content-Length: ${size}\r\n\r\n`,
    `GET /v1/status HTTP/1.1\r\nContent-Length: ${size}\r\n\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n`,
    `GET /v1/status HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n`,
  ];
  for (const opening of openings) {
    const client = new RawClient(context, root, opening);
    let sent = 0;
    const more = (): void => {
      while (!client.isClosed && sent < size) {
        sent += chunk.length;
        if (!client.socket.write(chunk)) return;
      }
    };
    client.socket.on('drain', more);
    more();
    await waitFor(() => client.isClosed, { what: 'closed' });
    assert.equal(client.status, 413, opening);
    assert.ok(sent < size / 10, `${sent} bytes were taken`);
  }
  const exact = await ask(root, '/v1/services/cron/stop', {
    method: 'POST',
    body: '{}'.padEnd(bodyBytes),
  });
  assert.equal(exact.status, 202);
  assert.deepEqual(daemon.asked, [{ verb: 'stop', name: 'cron', force: false }]);
});

test('curl asks before it sends much, and is told no', async (context) => {
  const { root } = await runControl(context, new FakeDaemon(aService('cron')));
  const client = new RawClient(
    context,
    root,
    `${post}Expect: 100-continue\r\nContent-Length: 70000\r\n\r\n`,
  );
  await waitFor(() => client.isClosed, { what: 'closed' });
  assert.doesNotMatch(client.text, /100 Continue/);
  assert.equal(client.status, 413);
  const small = new RawClient(
    context,
    root,
    `${post}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
  );
  await waitFor(() => small.text.includes('100 Continue'), { what: '100' });
  small.socket.write('{}');
  await waitFor(() => small.status === 202, { what: '202' });
});

test('a second request before the reply ends the connection', async (context) => {
  const daemon = new FakeDaemon(aService('cron'));
  daemon.onRequest = () => new Promise(() => undefined);
  const { root } = await runControl(context, daemon);
  const one = `${post}\r\n`;
  const client = new RawClient(context, root, one.repeat(100));
  await waitFor(() => client.isClosed, { what: 'closed' });
  assert.ok(daemon.asked.length <= 1);
});

test('with status.sock crowded out, users are told so and root is answered', async (context) => {
  const { root, status } = await runControl(context, new FakeDaemon(aService('cron')));
  const silent = await crowd(context, status, statusLimits.connections);
  // They are in the backlog in order, so those that follow are beyond the limit.
  const surplus = new RawClient(context, status, 'GET /v1/status HTTP/1.1\r\n\r\n');
  await waitFor(() => surplus.isClosed, { what: 'surplus closed' });
  assert.equal(surplus.status, 503);
  assert.match(surplus.text, /ESM_BUSY/);
  assert.equal((await ask(root, '/v1/status')).status, 200);
  const many = await crowd(context, status, 200);
  await waitFor(() => many.some(({ isClosed, text }) => isClosed && text === ''), {
    what: 'the hopeless are closed without a word',
  });
  assert.equal((await ask(root, '/v1/services/cron/stop', { method: 'POST' })).status, 202);
  for (const { socket } of [...silent, ...many]) socket.destroy();
  await waitFor(async () => (await ask(status, '/v1/status')).status === 200, {
    what: 'room again',
  });
});

test('a thousand at once: all get an answer or a clear no, and then all is as before', async (context) => {
  const { root } = await runControl(context, new FakeDaemon(aService('cron')));
  const clients = await crowd(
    context,
    root,
    1000,
    'GET /v1/status HTTP/1.1\r\nConnection: close\r\n\r\n',
  );
  await waitFor(() => clients.every(({ isClosed }) => isClosed), { ...late, what: 'all done' });
  const served = clients.filter(({ status }) => status === 200).length;
  const refused = clients.filter(({ status }) => status === 503).length;
  assert.ok(served >= rootLimits.connections, `${served} served`);
  assert.ok(served + refused >= 2 * rootLimits.connections, `${served} and ${refused}`);
  assert.equal((await ask(root, '/v1/status')).status, 200);
});

test('a thousand that stay silent are let go after 5 s', async (context) => {
  const { root } = await runControl(context, new FakeDaemon(aService('cron')));
  const clients = await crowd(context, root, 1000);
  await waitFor(() => clients.every(({ isClosed }) => isClosed), { ...late, what: 'all closed' });
  assert.equal((await ask(root, '/v1/status')).status, 200);
});

test('an answer that nobody takes, or that never comes, ends the connection', async (context) => {
  const many = Array.from({ length: 3000 }, (_, i) => aService(`service-${i}`));
  const daemon = new FakeDaemon(...many, aService('cron'));
  daemon.onRequest = () => new Promise(() => undefined);
  const { root } = await runControl(context, daemon);
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const stalled = new RawClient(context, root, 'GET /v1/status HTTP/1.1\r\n\r\n');
  stalled.socket.pause();
  const waiting = new RawClient(context, root, `${post}\r\n`);
  // Both have been asked in full by the time a third is answered.
  await ask(root, '/v1/status');
  assert.equal(daemon.asked.length, 1);
  context.mock.timers.tick(replyMs);
  context.mock.timers.reset();
  await waitFor(() => waiting.isClosed, { what: 'closed' });
  stalled.socket.resume();
  await waitFor(() => stalled.isClosed, { what: 'closed' });
  assert.ok(stalled.text.length < 1024 * 1024);
});

test('a client that leaves in the middle costs nothing', async (context) => {
  const daemon = new FakeDaemon(aService('cron'));
  const answers: (() => void)[] = [];
  daemon.onRequest = (asked) =>
    new Promise((resolve) => {
      answers.push(() => {
        resolve(daemon.obey(asked));
      });
    });
  const { root, problems } = await runControl(context, daemon);
  const client = new RawClient(context, root, `${post}\r\n`);
  await waitFor(() => answers.length === 1, { what: 'asked' });
  client.socket.destroy();
  await waitFor(() => client.isClosed, { what: 'closed' });
  answers[0]?.();
  const half = new RawClient(context, root, `${post}Content-Length: 20\r\n\r\n{`);
  await half.connected;
  half.socket.destroy();
  assert.equal((await ask(root, '/v1/status')).status, 200);
  assert.deepEqual(problems, []);
});
