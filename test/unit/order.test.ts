import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { order } from '../../src/core/monitor/order.js';
import type { Spec } from '../../src/core/service/spec.js';
import { decodeService } from '../../src/config/service.js';

type Edges = Readonly<{ requires?: readonly string[]; after?: readonly string[] }>;

const { spec: plain } = decodeService('x.toml', 'x', 'command = ["/x"]');

function specs(services: Readonly<Record<string, Edges>>): readonly Spec[] {
  assert.ok(plain !== null);
  return Object.entries(services).map(([name, { requires = [], after = [] }]) => ({
    ...plain,
    name,
    requires,
    after,
  }));
}

test('order: by name where nothing else is said', () => {
  assert.deepEqual(order(specs({ c: {}, a: {}, b: {} })).order, ['a', 'b', 'c']);
});

test('order: behind what is required and followed, else by name', () => {
  const found = order(
    specs({ a: { requires: ['z'] }, b: {}, c: { after: ['a', 'b'] }, z: { after: ['y'] }, y: {} }),
  );
  assert.deepEqual(found.order, ['b', 'y', 'z', 'a', 'c']);
  assert.deepEqual(found.requires.get('a'), ['z']);
  assert.deepEqual(found.after.get('c'), ['a', 'b']);
  assert.deepEqual(found.problems, []);
});

test('order: the order in which the files come does not matter', () => {
  const services = { a: { requires: ['b'] }, b: { after: ['c'] }, c: { requires: ['a'] }, d: {} };
  const there = order(specs(services));
  const back = order([...specs(services)].reverse());
  assert.deepEqual(there, back);
});

test('order: an unknown name is a problem, is ignored, and the nearest one is named', () => {
  const found = order(specs({ sshd: { requires: ['rsyslog', 'nobody'] }, rsyslogd: {} }));
  assert.deepEqual(found.requires.get('sshd'), []);
  assert.deepEqual(
    found.problems.map(({ code, service, key, remedy }) => [code, service, key, remedy]),
    [
      ['ESM_CONFIG_UNKNOWN_SERVICE', 'sshd', 'requires', 'did you mean "rsyslogd"'],
      ['ESM_CONFIG_UNKNOWN_SERVICE', 'sshd', 'requires', 'add nobody.toml or remove the name'],
    ],
  );
});

test('order: a service whose file is broken is ignored without a word', () => {
  const found = order(specs({ a: { requires: ['broken'] } }), new Set(['broken']));
  assert.deepEqual([found.requires.get('a'), found.problems], [[], []]);
});

test('order: a circle is named whole, its edges are dropped, its services and other edges stay', () => {
  const found = order(
    specs({
      a: { requires: ['b'] },
      b: { after: ['c'] },
      c: { requires: ['a', 'd'] },
      d: {},
      e: { requires: ['a'] },
    }),
  );
  assert.deepEqual(
    found.problems.map(({ code, message, service, key }) => [code, message, service, key]),
    [
      [
        'ESM_CONFIG_CYCLE',
        'Cannot order starts in a circle, and ignore these: "a" requires "b", "b" comes after "c", "c" requires "a"',
        'a',
        'requires',
      ],
    ],
  );
  assert.deepEqual(found.order, ['a', 'b', 'd', 'c', 'e']);
  assert.deepEqual(found.requires.get('c'), ['d']);
  assert.deepEqual(found.after.get('b'), []);
  assert.deepEqual(found.requires.get('e'), ['a']);
});

test('order: a service that requires itself', () => {
  const found = order(specs({ a: { requires: ['a'] } }));
  assert.match(found.problems[0]?.message ?? '', /"a" requires "a"$/);
  assert.deepEqual([found.order, found.requires.get('a')], [['a'], []]);
});

test('order: two circles that share a service are both named', () => {
  const found = order(
    specs({ a: { requires: ['b'] }, b: { requires: ['a', 'c'] }, c: { after: ['b'] } }),
  );
  assert.deepEqual(
    found.problems.map(({ message }) => message.split(': ')[1]),
    ['"a" requires "b", "b" requires "a"', '"b" requires "c", "c" comes after "b"'],
  );
});

test('order: a tangle of a hundred services is told in ten circles', () => {
  const names = Array.from({ length: 100 }, (_, i) => `s${i}`);
  const found = order(specs(Object.fromEntries(names.map((name) => [name, { after: names }]))));
  assert.equal(found.problems.length, 10);
  assert.match(found.problems[9]?.remedy ?? '', /more circles/);
  assert.deepEqual(found.order, [...names].sort());
});

test('order: a chain of five thousand does not exhaust the stack', () => {
  const chain = Array.from({ length: 5000 }, (_, i) => [
    `s${i}`,
    { requires: i === 0 ? [] : [`s${i - 1}`] },
  ]);
  const found = order(specs(Object.fromEntries(chain) as Record<string, Edges>));
  assert.equal(found.order[4999], 's4999');
});

test('order: whatever is asked, every service comes once, behind all that is left of its wishes', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const wishes = fc.uniqueArray(fc.constantFrom(...names, 'nobody'), { maxLength: 3 });
  const services = fc.dictionary(
    fc.constantFrom(...names),
    fc.record({ requires: wishes, after: wishes }),
  );
  fc.assert(
    fc.property(services, (given) => {
      const found = order(specs(given));
      assert.deepEqual([...found.order].sort(), Object.keys(given).sort());
      let dropped = 0;
      for (const [i, name] of found.order.entries()) {
        const left = [...(found.requires.get(name) ?? []), ...(found.after.get(name) ?? [])];
        assert.ok(left.every((other) => found.order.slice(0, i).includes(other)));
        dropped += (given[name]?.requires.length ?? 0) + (given[name]?.after.length ?? 0);
        dropped -= left.length;
      }
      assert.equal(found.problems.length > 0, dropped > 0);
    }),
    { numRuns: 150 },
  );
});
