import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Event } from '../../../src/core/event/event.js';
import { emptyMonitor, type Input } from '../../../src/core/monitor/monitor.js';
import type { Self } from '../../../src/core/monitor/status.js';
import { ok, type Result } from '../../../src/core/result.js';
import { instant, sequence, wallClock } from '../../../src/core/units.js';
import { Facade } from '../../../src/daemon/facade.js';

const self: Self = {
  pid: 1,
  since: wallClock(0),
  configDiffers: false,
  now: instant(0),
  wall: wallClock(0),
};

/** After an esmd that wrote down that its last number was `last`. */
function facadeAfter(last: number, base: number, written: Result<void> = ok(undefined)) {
  let published = base;
  const posted: Input[] = [];
  const facade = new Facade({
    monitor: () => emptyMonitor,
    self: () => self,
    post: (input) => {
      posted.push(input);
      if (input.type === 'request') facade.reply(input.id, ok('stopped'));
    },
    last: () => sequence(published),
    before: { last: sequence(last), base: sequence(base) },
    written: () => Promise.resolve(written),
    reload: () => Promise.resolve(),
  });
  const publish = (count: number): void => {
    const events = Array.from({ length: count }, (_, i): Event => ({
      sequence: sequence(published + 1 + i),
      at: wallClock(0),
      service: null,
      severity: 'notice',
      message: '',
      body: { type: 'monitor.notice' },
    }));
    published += count;
    facade.publish(events);
  };
  return { facade, publish, posted };
}

describe('the history of events', () => {
  const missedAfter = (since: number, { facade }: ReturnType<typeof facadeAfter>): number =>
    facade.history(sequence(since)).missed;

  test('an earlier esmd had events that nobody has any more', () => {
    const told = facadeAfter(20, 20);
    assert.equal(missedAfter(12, told), 8);
    told.publish(3);
    assert.deepEqual(
      [missedAfter(12, told), missedAfter(20, told), missedAfter(23, told)],
      [8, 0, 0],
    );
    assert.deepEqual(
      told.facade.history(sequence(21)).events.map((event) => event.sequence),
      [22, 23],
    );
  });

  test('numbers that were passed over are no events', () => {
    const told = facadeAfter(20, 500);
    told.publish(3);
    assert.deepEqual([missedAfter(12, told), missedAfter(20, told)], [8, 0]);
    // It had published more than it could write down.
    assert.equal(missedAfter(26, told), 0);
    assert.equal(told.facade.history(sequence(26)).events.length, 3);
  });

  test('a thousand are kept', () => {
    const told = facadeAfter(20, 500);
    told.publish(1010);
    assert.deepEqual([missedAfter(500, told), missedAfter(18, told)], [10, 12]);
    assert.deepEqual([missedAfter(505, told), missedAfter(511, told)], [5, 0]);
  });

  test('it ends with the last one, in whatever portions they come', () => {
    const told = facadeAfter(0, 0);
    let total = 0;
    for (const portion of [998, 1, 1, 1, 98, 1, 1, 0, 2500, 7]) {
      told.publish(portion);
      total += portion;
      const { events } = told.facade.history(null);
      const [first, last] = [events[0]?.sequence, events.at(-1)?.sequence];
      assert.deepEqual([first, last], [Math.max(1, total - 999), total]);
    }
  });
});

describe('a request', () => {
  test('is answered when it is on disk', async () => {
    const { facade, posted } = facadeAfter(0, 0);
    const answer = await facade.request('stop', 'web', { force: true });
    assert.deepEqual(answer, ok({ accepted: true, message: 'stopped' }));
    assert.deepEqual(posted, [{ type: 'request', id: 1, verb: 'stop', name: 'web', force: true }]);
  });

  test('that could not be written down is answered with a warning', async () => {
    const problem = { code: 'ESM_FILE_NOT_WRITTEN', message: 'Cannot replace the file: ENOSPC' };
    const { facade } = facadeAfter(0, 0, { ok: false, problem });
    const answer = await facade.request('stop', 'web', { force: false });
    assert.match(answer.ok ? (answer.value.warning ?? '') : '', /forgotten if esmd ends: .*ENOSPC/);
  });
});
