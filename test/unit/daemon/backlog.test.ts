import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instant, wallClock } from '../../../src/core/units.js';
import type { Delivery, Line } from '../../../src/daemon/backlog.js';
import { Backlog } from '../../../src/daemon/backlog.js';

class World {
  delivery: Delivery = 'sent';
  takes = Infinity;
  /** So many lines syslog takes yet. */
  room = Infinity;
  now = 0;
  /** How far the wall clock was set since. */
  step = 0;
  readonly syslog: string[] = [];
  readonly console: string[] = [];
  readonly backlog = new Backlog({
    syslog: ({ text }) => {
      if (this.delivery !== 'sent') return this.delivery;
      if (this.room === 0) return 'full';
      this.room -= 1;
      this.syslog.push(text);
      return 'sent';
    },
    console: (lines) => {
      const taken = lines.slice(0, this.takes);
      this.console.push(...taken.map(({ text }) => text));
      return Promise.resolve(taken.length);
    },
    lastConsole: (lines) => this.console.push(...lines.map(({ text }) => text)),
    now: () => instant(this.now),
    wall: () => wallClock(this.now + this.step),
  });

  say(text: string): void {
    const line: Line = { severity: 'notice', text, at: wallClock(this.now + this.step) };
    this.backlog.add(line);
  }
}

/** Lets promises that are settled have their turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('backlog', () => {
  test('goes straight to syslog, and the console stays quiet', async () => {
    const world = new World();
    world.say('a');
    await settle();
    assert.deepEqual(world.syslog, ['a']);
    assert.deepEqual(world.console, []);
  });

  for (const delivery of ['away', 'full'] as const) {
    test(`syslog ${delivery}: shown on the console, and sent with a note when it is back`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const world = new World();
      world.delivery = delivery;
      world.say('a');
      world.say('b');
      await settle();
      assert.deepEqual(world.console, ['a', 'b']);
      world.delivery = 'sent';
      world.now = 1000;
      t.mock.timers.tick(1000);
      assert.deepEqual(world.syslog, [
        'a',
        'b',
        'syslog is back after 1 s; 2 messages were shown on the console',
      ]);
      world.backlog.close();
    });
  }

  test('a syslogd that reads slowly gets the rest soon, and not at ever longer intervals', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const world = new World();
    world.room = 10;
    for (let i = 0; i < 35; i += 1) world.say(String(i));
    for (const [ms, sent] of [
      [50, 20],
      [50, 30],
      [50, 36],
    ] as const) {
      world.room = 10;
      t.mock.timers.tick(ms);
      assert.equal(world.syslog.length, sent);
    }
    world.backlog.close();
  });

  test('how long syslog was away is told though the wall clock was set meanwhile', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const world = new World();
    world.delivery = 'away';
    world.say('a');
    world.delivery = 'sent';
    world.now = 1000;
    world.step = -31_536_000_000;
    t.mock.timers.tick(1000);
    assert.match(world.syslog.at(-1) ?? '', /^syslog is back after 1 s; /);
    world.backlog.close();
  });

  test('retries after 1 s, doubling to 30 s, and not at all with nothing waiting', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const world = new World();
    let tries = 0;
    const backlog = new Backlog({
      syslog: () => {
        tries += 1;
        return 'away';
      },
      console: (lines) => Promise.resolve(lines.length),
      lastConsole: () => undefined,
      now: () => instant(0),
      wall: () => wallClock(0),
    });
    backlog.add({ severity: 'info', text: 'x', at: wallClock(0) });
    await settle();
    const waits: number[] = [];
    let last = 0;
    for (let second = 1; second <= 130; second += 1) {
      const before = tries;
      t.mock.timers.tick(1000);
      await settle();
      if (tries > before) {
        waits.push(second - last);
        last = second;
      }
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    backlog.close();
    world.backlog.close();
  });

  test('keeps five thousand lines, and counts what it drops', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const world = new World();
    world.delivery = 'full';
    world.takes = 0;
    for (let i = 0; i < 5010; i += 1) world.say(String(i));
    await settle();
    world.delivery = 'sent';
    t.mock.timers.tick(1000);
    assert.equal(world.syslog[0], '10');
    assert.equal(world.syslog.length, 5001);
    assert.match(world.syslog.at(-1) ?? '', /10 messages were dropped/);
    world.backlog.close();
  });

  test('a console that takes nothing loses no line for syslog', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const world = new World();
    world.delivery = 'away';
    world.takes = 0;
    world.say('a');
    await settle();
    assert.deepEqual(world.console, []);
    world.takes = Infinity;
    world.say('b');
    await settle();
    assert.deepEqual(world.console, ['a', 'b']);
    world.backlog.close();
  });

  test('last words: what the console has not shown yet is shown at once', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const world = new World();
    world.delivery = 'away';
    world.takes = 0;
    world.say('a');
    await settle();
    world.backlog.close();
    assert.deepEqual(world.console, ['a']);
  });
});
