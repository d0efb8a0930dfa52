import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeService } from '../../../src/config/service.js';
import { emptyMonitor } from '../../../src/core/monitor/monitor.js';
import { never } from '../../../src/core/service/enter.js';
import type { Service } from '../../../src/core/service/record.js';
import { fresh } from '../../../src/core/service/record.js';
import { instant, millis, pid, sequence, wallClock } from '../../../src/core/units.js';
import { decodeTable, TableWriter } from '../../../src/daemon/table.js';

const now = instant(50);
const deadline = instant(99.5);
const boot = '4d87b208-0e7f-46e0-937c-a630794645f6';
const process = { pid: pid(123), startTime: 456, origin: 'child' } as const;

function service(actual: Service['actual']): Service {
  const { spec } = decodeService('a.toml', 'a', 'command = ["/bin/true"]');
  assert.ok(spec !== null);
  const unused = fresh(spec, { now: instant(1), wall: wallClock(2) });
  const predecessor = { process, from: 5, fromWhileNamed: 6 };
  const announcedStop = { overdueAt: deadline };
  return { ...unused, actual, leader: process, predecessor, announcedStop };
}

/** Ten times the longest interval that can be configured. */
const longest = 864_000_000;

const appearing = {
  state: 'starting',
  phase: 'appearing',
  deadline,
  nextLook: instant(6000),
  onAbsence: 'start',
  problem: { code: 'X', message: 'y' },
} as const;

const actuals: readonly Service['actual'][] = [
  { state: 'stopped', waitingFor: ['b'] },
  { state: 'spawning', phase: 'looking', onAbsence: 'failure' },
  { state: 'spawning', phase: 'sweeping', deadline },
  { state: 'spawning', phase: 'asked' },
  { state: 'starting', phase: 'launching', command: process, deadline },
  appearing,
  { state: 'probation', process, deadline },
  { state: 'running', process },
  { state: 'stopping', phase: 'asking', process: null, command: process, deadline },
  { state: 'stopping', phase: 'signalling', process, target: 'daemon', kills: 2, deadline },
  { state: 'stopping', phase: 'looking' },
  { state: 'failed', deadline: null },
];

const encode = (one: Service): string =>
  new TableWriter(boot).encode({ ...emptyMonitor, services: new Map([['a', one]]) }, sequence(7));

describe('the table', () => {
  for (const actual of actuals) {
    test(`comes back as it was: ${JSON.stringify(actual)}`, () => {
      const one = service(actual);
      const table = decodeTable(encode(one), boot, now);
      assert.ok(table.ok);
      assert.deepEqual(table.value, { services: [one], last: 7, mayBeBehind: true, problems: [] });
    });
  }

  test('is prepared some records at a time, and those once', () => {
    const writer = new TableWriter(boot);
    const many = Array.from({ length: 250 }, (_, i) => [`s${i}`, service(appearing)] as const);
    const monitor = { ...emptyMonitor, services: new Map(many) };
    const isMore = Array.from({ length: 4 }, () => writer.prepare(monitor, 100));
    assert.deepEqual(isMore, [true, true, false, false]);
    const changed = new Map(many).set('s7', service(appearing));
    assert.equal(writer.prepare({ ...monitor, services: changed }, 0), true);
    const unprepared = new TableWriter(boot).encode(monitor, sequence(7));
    assert.equal(writer.encode(monitor, sequence(7)), unprepared);
  });

  test('knows whether events may have been numbered after it', () => {
    const mayBeBehind = (text: string): boolean | null => {
      const table = decodeTable(text, boot, now);
      return table.ok ? table.value.mayBeBehind : null;
    };
    const writer = new TableWriter(boot);
    assert.equal(mayBeBehind(writer.encode(emptyMonitor, sequence(7))), true);
    assert.equal(mayBeBehind(writer.encode(emptyMonitor, sequence(7), 'last words')), false);
  });

  const good = encode(service({ state: 'running', process }));
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['torn', good.slice(0, 200), /torn/],
    ['empty', '', /torn/],
    ['from an earlier boot', good.replace(boot, 'another'), /earlier boot/],
    ['from a newer esmd', good.replace('"version":1', '"version":2'), /form/],
    ['of another kind', '[1,2,3]', /form/],
  ];
  for (const [name, text, why] of refused) {
    test(`${name}: not used`, () => {
      const table = decodeTable(text, boot, now);
      assert.ok(!table.ok);
      assert.match(table.problem.message, why);
    });
  }

  const ended = `"process":${JSON.stringify(process)},"status":null,"expected":true`;
  const poisoned: readonly (readonly [string, string])[] = [
    ['"pid":123', '"pid":1'],
    ['"pid":123', '"pid":-123'],
    ['"pid":123', '"pid":"123"'],
    ['"state":"running"', '"state":"flying"'],
    ['"stopSignal":"TERM"', '"stopSignal":"STOP"'],
    ['"wish":"none"', '"wish":"up"'],
    ['"name":"a"', '"name":"../a"'],
    ['"incarnation":0', '"incarnation":1e300'],
    ['"incarnation":0', '"incarnation":9007199254740991'],
    ['"since":1', '"since":50.5'],
    ['"since":1', '"since":-1'],
    ['"since":1', '"since":1e999'],
    ['"sinceWall":2', '"sinceWall":1e300'],
    ['"sinceWall":2', '"sinceWall":8640000000000001'],
    ['"sinceWall":2', '"sinceWall":-8640000000000001'],
    ['"failures":[]', '"failures":[51]'],
    ['"overdueAt":99.5', `"overdueAt":${longest + 51}`],
    ['"givenUp":null', `"givenUp":{"tries":0,"interval":${longest + 1}}`],
    ['"givenUp":null', '"givenUp":{"tries":0,"interval":9007199254740991}'],
    ['"lastEnd":null', `"lastEnd":{${ended},"at":1e300}`],
    ['"retryInterval":30000', '"retryInterval":86400001'],
    ['"window":60000', '"window":1e15'],
    ['"startTimeout":30000', '"startTimeout":1e15'],
    ['"stopTimeout":10000', '"stopTimeout":1e15'],
    ['"probation":1000', '"probation":1e15'],
    ['"umask":18', '"umask":512'],
  ];
  for (const [from, to] of poisoned) {
    test(`a record with ${to} is left out, and said so`, () => {
      assert.ok(good.includes(from));
      const table = decodeTable(good.replace(from, to), boot, now);
      assert.ok(table.ok);
      assert.equal(table.value.services.length, 0);
      assert.equal(table.value.problems.length, 1);
    });
  }

  const far = instant(now + longest + 1);
  const endless: readonly Service['actual'][] = [
    { state: 'spawning', phase: 'sweeping', deadline: far },
    { state: 'starting', phase: 'launching', command: process, deadline: never },
    { ...appearing, deadline: far },
    { ...appearing, nextLook: far },
    { state: 'probation', process, deadline: far },
    { state: 'stopping', phase: 'asking', process, command: null, deadline: far },
    { state: 'stopping', phase: 'signalling', process, target: 'daemon', kills: 2, deadline: far },
    { state: 'backoff', deadline: far, wait: millis(1) },
    { state: 'backoff', deadline, wait: millis(longest) },
    { state: 'failed', deadline: far },
  ];
  for (const actual of endless) {
    test(`a wait without an end is left out: ${JSON.stringify(actual)}`, () => {
      const table = decodeTable(encode({ ...service(actual), desired: 'up' }), boot, now);
      assert.ok(table.ok);
      assert.deepEqual([table.value.services.length, table.value.problems.length], [0, 1]);
    });
  }

  test('a start command that is left alone may run for ever', () => {
    const one = service({
      state: 'starting',
      phase: 'launching',
      command: process,
      deadline: never,
    });
    const table = decodeTable(encode(one), boot, now);
    assert.ok(table.ok);
    assert.deepEqual(table.value.services, [one]);
  });

  test('of two records for one process the first is used, and that is said', () => {
    const one = service({ state: 'running', process });
    const other = { ...one, spec: { ...one.spec, name: 'b' } };
    const third = { ...other, actual: { state: 'stopped', waitingFor: [] } } as const;
    for (const [second, used] of [
      [other, ['a']],
      [third, ['a', 'b']],
    ] as const) {
      const services = new Map([one, second].map((each) => [each.spec.name, each]));
      const text = new TableWriter(boot).encode({ ...emptyMonitor, services }, sequence(7));
      const table = decodeTable(text, boot, now);
      assert.ok(table.ok);
      assert.deepEqual(
        table.value.services.map(({ spec }) => spec.name),
        used,
      );
      assert.equal(table.value.problems.length, 2 - used.length);
    }
  });

  test('of two records for one service the first is used, and that is said', () => {
    const record = good.slice(good.indexOf('\n') + 1, good.indexOf('\n]'));
    const table = decodeTable(good.replace(record, `${record},\n${record}`), boot, now);
    assert.ok(table.ok);
    assert.deepEqual([table.value.services.length, table.value.problems.length], [1, 1]);
  });

  test('any damage is survived', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.string(), (at, junk) => {
        const table = decodeTable(good.slice(0, at) + junk + good.slice(at + 1), boot, now);
        assert.equal(typeof table.ok, 'boolean');
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const table = decodeTable(JSON.stringify(json), boot, now);
        assert.equal(table.ok, false);
      }),
    );
  });
});
