import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed } from '../../src/core/result.js';
import { runControl } from '../helpers/control.js';
import { aService, FakeDaemon } from '../helpers/fake-daemon.js';
import { ask, RawClient } from '../helpers/unix-client.js';
import { waitFor } from '../helpers/wait-for.js';

const errorOf = (text: string): { code: string; message: string } =>
  (JSON.parse(text) as { error: { code: string; message: string } }).error;

test('status: the whole of it on both sockets', async (context) => {
  const daemon = new FakeDaemon(aService('rsyslogd'), aService('cron'));
  const { root, status } = await runControl(context, daemon);
  for (const socket of [root, status]) {
    const answer = await ask(socket, '/v1/status');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(answer.text), JSON.parse(JSON.stringify(daemon.status())));
    assert.doesNotMatch(answer.text, /secret/);
  }
});

test('status: asked again after a change it shows the change', async (context) => {
  const daemon = new FakeDaemon(aService('cron'));
  const { root } = await runControl(context, daemon);
  assert.match((await ask(root, '/v1/status')).text, /"state":"running"/);
  await ask(root, '/v1/services/cron/stop', { method: 'POST' });
  assert.match((await ask(root, '/v1/status')).text, /"state":"stopped"/);
});

test('a service: root sees arguments and environment, others see neither', async (context) => {
  const daemon = new FakeDaemon(aService('cron'));
  const { root, status } = await runControl(context, daemon);
  const all = await ask(root, '/v1/services/cron');
  assert.deepEqual(JSON.parse(all.text), aService('cron'));
  const shown = await ask(status, '/v1/services/cron');
  assert.equal(shown.status, 200);
  assert.doesNotMatch(shown.text, /secret|environment/);
  assert.match(shown.text, /"command":\["\/usr\/sbin\/cron"\]/);
});

test('a service that does not exist, also by names that objects have', async (context) => {
  const { root } = await runControl(context, new FakeDaemon());
  for (const name of ['nosuch', '__proto__', 'a%2Fb', '%00', 'constructor']) {
    const answer = await ask(root, `/v1/services/${name}`);
    assert.equal(answer.status, 404, name);
    assert.equal(errorOf(answer.text).code, 'ESM_UNKNOWN_SERVICE');
  }
});

test('requests: verb, name and force reach the daemon, and its words come back', async (context) => {
  const daemon = new FakeDaemon(aService('cron'), aService('a.b@c-d'));
  const { root } = await runControl(context, daemon);
  for (const verb of ['start', 'stop', 'restart', 'reset']) {
    const answer = await ask(root, `/v1/services/cron/${verb}`, { method: 'POST' });
    assert.equal(answer.status, 202);
    assert.deepEqual(JSON.parse(answer.text), { accepted: true, message: `${verb} cron accepted` });
  }
  await ask(root, '/v1/services/a.b%40c-d/stop', { method: 'POST', body: '{"force":true}' });
  await ask(root, '/v1/services/cron/stop', { method: 'POST', body: '{}' });
  const reload = await ask(root, '/v1/reload', { method: 'POST' });
  assert.equal(reload.status, 202);
  assert.deepEqual(daemon.asked.slice(-3), [
    { verb: 'stop', name: 'a.b@c-d', force: true },
    { verb: 'stop', name: 'cron', force: false },
    { verb: 'reload', name: '', force: false },
  ]);
});

test('requests: what the daemon refuses is 409, what fails 500, what it does not know 404', async (context) => {
  const daemon = new FakeDaemon(aService('dbus'));
  const { root } = await runControl(context, daemon);
  const post = (name: string) => ask(root, `/v1/services/${name}/stop`, { method: 'POST' });
  daemon.onRequest = () =>
    failed({ code: 'ESM_REFUSED', message: 'Cannot stop "dbus": sshd requires it', remedy: 'r' });
  const refused = await post('dbus');
  assert.equal(refused.status, 409);
  assert.deepEqual(errorOf(refused.text), {
    code: 'ESM_REFUSED',
    message: 'Cannot stop "dbus": sshd requires it',
    remedy: 'r',
  });
  daemon.onRequest = () => failed({ code: 'ESM_TABLE', message: 'Cannot write the table' });
  assert.equal((await post('dbus')).status, 500);
  assert.equal((await post('bus')).status, 404);
});

test('a body that is no object of options is refused and nothing is done', async (context) => {
  const daemon = new FakeDaemon(aService('cron'));
  const { root } = await runControl(context, daemon);
  for (const body of ['{', '[]', '7', 'null', '{"force":"yes"}', '\0\x01', '"force"']) {
    const answer = await ask(root, '/v1/services/cron/stop', { method: 'POST', body });
    assert.equal(answer.status, 400, body);
    assert.equal(errorOf(answer.text).code, 'ESM_BAD_REQUEST');
  }
  assert.deepEqual(daemon.asked, []);
});

test('addresses and methods that do not exist', async (context) => {
  const daemon = new FakeDaemon(aService('cron'));
  const { root, status } = await runControl(context, daemon);
  const rows: readonly [string, string, string, number, string?][] = [
    [root, 'GET', '/', 404],
    [root, 'GET', '/v1', 404],
    [root, 'GET', '/v2/status', 404],
    [root, 'GET', '/v1/status/', 404],
    [root, 'GET', '/v1/services/', 404],
    [root, 'GET', '/metrics/x', 404],
    [root, 'POST', '/v1/services/cron/kill', 404],
    [root, 'POST', '/v1/services/cron/stop/now', 404],
    [root, 'GET', '/v1/services/cron/stop', 405, 'POST'],
    [root, 'GET', '/v1/reload', 405, 'POST'],
    [root, 'POST', '/v1/status', 405, 'GET'],
    [root, 'DELETE', '/v1/services/cron', 405, 'GET'],
    [root, 'PUT', '/metrics', 405, 'GET'],
    [status, 'POST', '/v1/services/cron/stop', 405, 'GET'],
    [status, 'POST', '/v1/reload', 405, 'GET'],
    [status, 'POST', '/v1/status', 405, 'GET'],
    [root, 'GET', '/%zz', 400],
    [root, 'GET', '/v1/events?since=x', 400],
    [root, 'GET', '/v1/events?since=-1', 400],
    [root, 'GET', '/v1/events?follow=maybe', 400],
    [root, 'GET', `/${'x'.repeat(3000)}`, 414],
  ];
  for (const [socket, method, path, expected, allow] of rows) {
    const answer = await ask(socket, path, { method });
    assert.equal(answer.status, expected, `${method} ${path.slice(0, 50)}`);
    assert.equal(answer.headers.allow, allow);
    assert.notEqual(errorOf(answer.text).message, '');
  }
  assert.deepEqual(daemon.asked, []);
});

test('metrics are OpenMetrics, on both sockets', async (context) => {
  const { root, status } = await runControl(context, new FakeDaemon());
  for (const socket of [root, status]) {
    const answer = await ask(socket, '/metrics');
    assert.match(answer.headers['content-type'] ?? '', /^application\/openmetrics-text; version=1/);
    assert.match(answer.text, /# EOF\n$/);
  }
});

test('a bug in the daemon is a 500 and one problem, however often it is asked', async (context) => {
  const daemon = new FakeDaemon(aService('cron'));
  const { root, problems } = await runControl(context, daemon);
  daemon.bug = new TypeError('x is not a function');
  for (let i = 0; i < 3; i++) {
    const answer = await ask(root, '/v1/status');
    assert.equal(answer.status, 500);
    assert.doesNotMatch(answer.text, /x is not a function/);
  }
  daemon.onRequest = () => Promise.reject(new Error('rejected'));
  assert.equal((await ask(root, '/v1/services/cron/stop', { method: 'POST' })).status, 500);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['ESM_INTERNAL', 'ESM_INTERNAL'],
  );
  assert.match(problems[0]?.message ?? '', /x is not a function/);
  daemon.bug = null;
  assert.equal((await ask(root, '/v1/status')).status, 200);
});

test('a connection is kept for the next request, and one typed by hand is answered', async (context) => {
  const { root } = await runControl(context, new FakeDaemon());
  const client = new RawClient(context, root, 'GET /metrics HTTP/1.1\r\n\r\n');
  await waitFor(() => client.text.includes('# EOF'), { what: 'metrics' });
  assert.equal(client.status, 200);
  client.socket.write('GET /nosuch HTTP/1.1\r\nConnection: close\r\n\r\n');
  await waitFor(() => client.isClosed, { what: 'closed' });
  assert.equal(client.status, 404);
});
