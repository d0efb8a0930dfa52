import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { drainMs, rootLimits, statusLimits } from '../../src/control/limits.js';
import type { ServiceEvent } from '../../src/core/event/event.js';
import { pid } from '../../src/core/units.js';
import { runControl } from '../helpers/control.js';
import { aService, FakeDaemon } from '../helpers/fake-daemon.js';
import { ask, parseStream, RawClient } from '../helpers/unix-client.js';
import { waitFor } from '../helpers/wait-for.js';

const running: ServiceEvent = { type: 'service.adopted', pid: pid(7), how: 'found' };

const get = (query = '', header = ''): string => `GET /v1/events${query} HTTP/1.1\r\n${header}\r\n`;

async function open(context: TestContext, socket: string, query = '', header = '') {
  const client = new RawClient(context, socket, get(query, header));
  await waitFor(() => client.text.includes('\r\n\r\n'), { what: 'the header of the stream' });
  return client;
}

const idsOf = (client: RawClient): readonly (string | undefined)[] =>
  parseStream(client.text).map(({ id, data }) => id ?? data);

test('what happens is streamed as it happens, to everybody', async (context) => {
  const daemon = new FakeDaemon(aService('cron'));
  const { root, status } = await runControl(context, daemon);
  daemon.publish('cron', running);
  const clients = [await open(context, root), await open(context, status)];
  const event = daemon.publish('cron', running, 'cron is running');
  for (const client of clients) {
    assert.equal(client.status, 200);
    assert.match(client.text, /content-type: text\/event-stream/i);
    await waitFor(() => client.text.includes('\n\n'), { what: 'an event' });
    const [first, ...more] = parseStream(client.text);
    assert.deepEqual(more, []);
    assert.equal(first?.['id'], '2');
    assert.equal(first['event'], 'service.adopted');
    assert.deepEqual(JSON.parse(first['data'] ?? ''), event);
  }
});

test('publishing writes nothing in the turn of the daemon', async (context) => {
  const daemon = new FakeDaemon();
  const { root } = await runControl(context, daemon);
  const client = await open(context, root);
  const before = client.text;
  for (let i = 0; i < 100; i++) daemon.publish('cron', running);
  assert.equal(client.text, before);
  await waitFor(() => idsOf(client).length === 100, { what: 'all of them' });
});

test('the past after a number: by address or by header, which is newer', async (context) => {
  const daemon = new FakeDaemon();
  const { root } = await runControl(context, daemon);
  for (let i = 0; i < 5; i++) daemon.publish('cron', running);
  const since = await open(context, root, '?since=3');
  const header = await open(context, root, '?since=1', 'Last-Event-ID: 4\r\n');
  daemon.publish('cron', running);
  await waitFor(() => idsOf(since).includes('6') && idsOf(header).includes('6'), { what: 'six' });
  assert.deepEqual(idsOf(since), ['4', '5', '6']);
  assert.deepEqual(idsOf(header), ['5', '6']);
});

test('events that are no longer kept are counted first', async (context) => {
  const daemon = new FakeDaemon();
  daemon.kept = 3;
  const { root } = await runControl(context, daemon);
  for (let i = 0; i < 10; i++) daemon.publish('cron', running);
  const client = await open(context, root, '?since=2');
  await waitFor(() => idsOf(client).length === 4, { what: 'four' });
  assert.equal(parseStream(client.text)[0]?.['event'], 'missed');
  assert.deepEqual(idsOf(client), ['{"n":5}', '8', '9', '10']);
});

test('without following, the reply ends with the history', async (context) => {
  const daemon = new FakeDaemon();
  daemon.kept = 3;
  const { root } = await runControl(context, daemon);
  for (let i = 0; i < 5; i++) daemon.publish('cron', running);
  const all = await ask(root, '/v1/events?follow=false');
  assert.deepEqual(all.text.match(/^id: \d+/gm), ['id: 3', 'id: 4', 'id: 5']);
  assert.doesNotMatch(all.text, /missed/);
  const some = await ask(root, '/v1/events?follow=false&since=4');
  assert.deepEqual(some.text.match(/^id: \d+/gm), ['id: 5']);
  assert.equal(daemon.listeners.size, 0);
});

test('a long past is complete and in order while more happens', async (context) => {
  const daemon = new FakeDaemon();
  daemon.kept = 100_000;
  const { root } = await runControl(context, daemon);
  const message = 'x'.repeat(500);
  for (let i = 0; i < 2000; i++) daemon.publish('cron', running, message);
  const client = new RawClient(context, root, get('?since=0'));
  client.socket.pause();
  await waitFor(() => daemon.listeners.size === 1, { what: 'subscribed' });
  for (let i = 0; i < 500; i++) daemon.publish('cron', running, message);
  client.socket.resume();
  daemon.publish('cron', running);
  await waitFor(() => client.text.includes('id: 2501\n'), { what: 'the last' });
  const ids = [...client.text.matchAll(/^id: (\d+)/gm)].map(([, id]) => Number(id));
  assert.deepEqual(
    ids,
    Array.from({ length: 2501 }, (_, i) => i + 1),
  );
});

test('a burst within one turn does not cut a client that reads', async (context) => {
  const daemon = new FakeDaemon();
  const { root } = await runControl(context, daemon);
  const client = await open(context, root);
  for (let i = 0; i < 2000; i++) daemon.publish('cron', running, 'x'.repeat(500));
  await waitFor(() => client.text.includes('id: 2000\n'), { what: 'the last' });
  assert.doesNotMatch(client.text, /missed/);
});

test('a client that stops reading is cut, told how many it missed, and can come back', async (context) => {
  const daemon = new FakeDaemon();
  daemon.kept = 100_000;
  const { root } = await runControl(context, daemon);
  const stalled = await open(context, root);
  const reading = await open(context, root);
  stalled.socket.pause();
  const before = process.memoryUsage().rss;
  let last = 0;
  for (let turn = 0; turn < 200; turn++) {
    for (let i = 0; i < 50; i++) last = daemon.publish('cron', running, 'x'.repeat(500)).sequence;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await waitFor(() => reading.text.includes(`id: ${last}\n`), { what: 'the other has all' });
  stalled.socket.resume();
  await waitFor(() => stalled.isClosed, { what: 'cut' });
  const events = parseStream(stalled.text);
  const missed = events.at(-1);
  assert.equal(missed?.['event'], 'missed');
  const { n } = JSON.parse(missed['data'] ?? '') as { n: number };
  const seen = Number(events.at(-2)?.['id']);
  assert.equal(seen + n, last);
  assert.ok(stalled.text.length < 1024 * 1024, `${stalled.text.length} bytes were kept for it`);
  assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
  const again = await open(context, root, '', `Last-Event-ID: ${seen}\r\n`);
  await waitFor(() => again.text.includes(`id: ${last}\n`), { what: 'the rest' });
  assert.equal(again.text.match(/^id: /gm)?.length, n);
});

test('a client that never reads again loses its place', async (context) => {
  const daemon = new FakeDaemon();
  const { status } = await runControl(context, daemon);
  const stalled = await open(context, status);
  stalled.socket.pause();
  context.mock.timers.enable({ apis: ['setTimeout'] });
  for (let turn = 0; turn < 200; turn++) {
    for (let i = 0; i < 50; i++) daemon.publish('cron', running, 'x'.repeat(500));
    await new Promise((resolve) => setImmediate(resolve));
  }
  context.mock.timers.tick(drainMs);
  context.mock.timers.reset();
  await waitFor(() => daemon.listeners.size === 0, { what: 'no stream is left' });
});

test('streams are limited, and by socket', async (context) => {
  const daemon = new FakeDaemon();
  const { root, status } = await runControl(context, daemon);
  const clients = [];
  for (let i = 0; i < statusLimits.streams; i++) clients.push(await open(context, status));
  const refused = await ask(status, '/v1/events');
  assert.equal(refused.status, 429);
  assert.match(refused.text, /ESM_TOO_MANY_STREAMS/);
  assert.equal((await ask(status, '/v1/status')).status, 200);
  for (let i = 0; i < rootLimits.streams; i++) clients.push(await open(context, root));
  assert.equal((await ask(root, '/v1/events')).status, 429);
  assert.equal(daemon.listeners.size, 2);
  for (const { socket } of clients) socket.destroy();
  await waitFor(() => daemon.listeners.size === 0, { what: 'unsubscribed' });
  await open(context, status);
});

test('arguments of a start command are for root only', async (context) => {
  const daemon = new FakeDaemon();
  const { root, status } = await runControl(context, daemon);
  const clients = [await open(context, root), await open(context, status)];
  const command = '/etc/init.d/x start --password secret';
  daemon.publish('x', { type: 'service.starting', command }, `x: runs ${command}`);
  const [all, shown] = clients;
  await waitFor(() => clients.every(({ text }) => text.includes('\n\n')), { what: 'events' });
  assert.match(all?.text ?? '', /secret/);
  assert.doesNotMatch(shown?.text ?? '', /secret/);
  assert.match(shown?.text ?? '', /x: runs \/etc\/init\.d\/x"/);
});

test('more requests on the connection of a stream end it', async (context) => {
  const daemon = new FakeDaemon(aService('cron'));
  const { root } = await runControl(context, daemon);
  for (const text of ['POST /v1/services/cron/stop HTTP/1.1\r\n\r\n', 'garbage\r\n\r\n']) {
    const client = await open(context, root);
    client.socket.write(text);
    await waitFor(() => client.isClosed, { what: 'closed' });
  }
  assert.deepEqual(daemon.asked, []);
  await waitFor(() => daemon.listeners.size === 0, { what: 'unsubscribed' });
});

test('a client that breaks off while it is told the past leaves nothing behind', async (context) => {
  const daemon = new FakeDaemon();
  daemon.kept = 100_000;
  const { root } = await runControl(context, daemon);
  for (let i = 0; i < 5000; i++) daemon.publish('cron', running, 'x'.repeat(500));
  const client = new RawClient(context, root, get('?since=0'));
  client.socket.pause();
  await waitFor(() => daemon.listeners.size === 1, { what: 'subscribed' });
  client.socket.destroy();
  await waitFor(() => daemon.listeners.size === 0, { what: 'unsubscribed' });
});
