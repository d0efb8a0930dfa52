import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_SETTINGS } from '../../../src/config/defaults.js';
import { emptyMonitor } from '../../../src/core/monitor/monitor.js';
import type { Spec } from '../../../src/core/service/spec.js';
import type { Loaded } from '../../../src/daemon/configuration.js';
import { Configurations } from '../../../src/daemon/configurations.js';
import { configured } from '../../helpers/monitors.js';
import { spec } from '../../helpers/services.js';

const loaded = (...specs: readonly Spec[]): Loaded => ({
  configuration: {
    settings: DEFAULT_SETTINGS,
    specs: new Map(specs.map((one) => [one.name, one])),
    problems: [],
    unreadable: [],
    extent: 'whole',
  },
  input: configured(...specs),
});

/** Configurations whose readings end one by one, when they are told to, with what is there then. */
function slowly() {
  const waiting: ((found: Loaded) => void)[] = [];
  const configurations = new Configurations(
    {},
    emptyMonitor,
    () => new Promise((resolve) => waiting.push(resolve)),
  );
  const settle = () => new Promise(setImmediate);
  return {
    configurations,
    underWay: () => waiting.length,
    settle,
    end: async (...specs: readonly Spec[]): Promise<void> => {
      waiting.shift()?.(loaded(...specs));
      await settle();
    },
  };
}

const [web, db] = [spec(), spec({ name: 'db' })];
const added = /differs from what is loaded \(added: db\)/;

describe('configurations', () => {
  test('are read one at a time, so that the last to be asked for holds', async () => {
    const { configurations, end, settle, underWay } = slowly();
    const loads = [configurations.load(), configurations.load()];
    const comparison = configurations.compare();
    await settle();
    await end();
    assert.equal(underWay(), 1);
    await end(web);
    await end(web, db);
    const found = await Promise.all(loads);
    assert.deepEqual(
      found.map(({ specs }) => specs.length),
      [0, 1],
    );
    assert.match((await comparison) ?? 'nothing', added);
    assert.equal(configurations.differs, true);
  });

  test('a difference is told once, and again after it was gone', async () => {
    const { configurations, end, settle } = slowly();
    const told: (string | null)[] = [];
    for (const specs of [[db], [db], [], [db]]) {
      const comparison = configurations.compare();
      await settle();
      await end(...specs);
      told.push(await comparison);
    }
    assert.deepEqual(
      told.map((text) => text !== null),
      [true, false, false, true],
    );
  });

  test('what is about to be loaded is no difference', async () => {
    const { configurations, end, settle } = slowly();
    const comparison = configurations.compare();
    await settle();
    const load = configurations.load();
    await end(db);
    await end(db);
    assert.equal(await comparison, null);
    assert.equal((await load).specs.length, 1);
    assert.equal(configurations.differs, false);
  });

  test('a thousand changes at once are compared once more, not a thousand times', async () => {
    const { configurations, end, settle, underWay } = slowly();
    const first = configurations.compare();
    await settle();
    const others = Array.from({ length: 1000 }, () => configurations.compare());
    await end();
    await end(db);
    assert.equal(underWay(), 0);
    assert.equal(await first, null);
    const told = (await Promise.all(others)).filter((text) => text !== null);
    assert.equal(told.length, 1);
  });
});
