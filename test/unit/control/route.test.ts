import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { requestOptions } from '../../../src/control/body.js';
import { routeOf } from '../../../src/control/route.js';

const get = (target: string) => routeOf({ method: 'GET', target, lastEventId: undefined }, 'all');

test('routes', () => {
  assert.deepEqual(get('/v1/status'), { ok: true, route: { type: 'status' } });
  assert.deepEqual(get('/v1/status?x=y#z'), { ok: true, route: { type: 'status' } });
  assert.deepEqual(get('http://localhost/metrics'), { ok: true, route: { type: 'metrics' } });
  assert.deepEqual(get('/v1/services/a%40b'), {
    ok: true,
    route: { type: 'service', name: 'a@b' },
  });
  assert.deepEqual(get('/v1/events?since=7&follow=false'), {
    ok: true,
    route: { type: 'events', since: 7, follow: false },
  });
});

test('whatever the request line says, there is a route or a reply, and no exception', () => {
  const target = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl({ withQueryParameters: true }),
    fc
      .array(
        fc.constantFrom('/', 'v1', 'services', 'events', '?since=', '%', '%2f', '..', '//', 'x'),
      )
      .map((parts) => parts.join('')),
  );
  const method = fc.oneof(fc.constantFrom('GET', 'POST', ''), fc.string());
  const id = fc.option(fc.string(), { nil: undefined });
  fc.assert(
    fc.property(target, method, id, fc.constantFrom('all', 'read'), (url, verb, last, access) => {
      const routed = routeOf({ method: verb, target: url, lastEventId: last }, access);
      if (!routed.ok) assert.ok(routed.reply.status >= 400 && routed.reply.status < 500);
      else if (access === 'read') assert.ok(!['request', 'reload'].includes(routed.route.type));
    }),
    { numRuns: 500 },
  );
});

test('whatever the body says, it is options or nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const options = requestOptions(text);
      assert.ok(options === null || typeof options.force === 'boolean');
    }),
  );
  assert.deepEqual(requestOptions('{"__proto__":{"force":true}}'), { force: false });
});
