import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { emptyMonitor } from '../../../src/core/monitor/monitor.js';
import type { Problem } from '../../../src/core/result.js';
import { fresh } from '../../../src/core/service/record.js';
import { instant, sequence, wallClock } from '../../../src/core/units.js';
import { TableKeeper } from '../../../src/daemon/keeper.js';
import { decodeTable, TableWriter } from '../../../src/daemon/table.js';
import { spec } from '../../helpers/services.js';
import { temporaryFolder } from '../../helpers/tmp.js';
import { waitFor } from '../../helpers/wait-for.js';

const state = (last: number) => ({ monitor: emptyMonitor, last: sequence(last) });

function keeper(context: TestContext, isBusy?: () => boolean, writer = new TableWriter('boot')) {
  const path = join(temporaryFolder(context), 'table.json');
  const told: (string | null)[] = [];
  const onProblem = (problem: Problem | null): void => {
    told.push(problem === null ? null : problem.code);
  };
  const onDisk = (): number | null => {
    if (!existsSync(path)) return null;
    const table = decodeTable(readFileSync(path, 'utf8'), 'boot', instant(0));
    return table.ok ? table.value.last : null;
  };
  // A folder in its place makes every write fail, whoever writes.
  const block = (): void => {
    mkdirSync(path);
  };
  const unblock = (): void => {
    rmdirSync(path);
  };
  const table = new TableKeeper(path, writer, onProblem, isBusy);
  return { table, told, onDisk, block, unblock };
}

describe('the table', () => {
  test('is on disk by itself, soon after a change', async (t) => {
    const { table, onDisk } = keeper(t);
    table.changed(state(1));
    table.changed(state(2));
    await waitFor(() => onDisk() === 2, { what: 'the table' });
  });

  test('waits while there is something more urgent, but not for ever', async (t) => {
    let asked = 0;
    const { table, onDisk } = keeper(t, () => {
      assert.equal(onDisk(), null);
      asked += 1;
      return true;
    });
    table.changed(state(1));
    await waitFor(() => onDisk() === 1, { what: 'the table' });
    assert.equal(asked, 20);
  });

  test('of very many services is made in several rounds of the event loop', async (t) => {
    let round = 0;
    const prepared: number[] = [];
    class Spy extends TableWriter {
      override prepare(...args: Parameters<TableWriter['prepare']>): boolean {
        prepared.push(round);
        return super.prepare(...args);
      }
    }
    const { table, onDisk } = keeper(t, undefined, new Spy('boot'));
    const context = { now: instant(0), wall: wallClock(0) };
    const many = Array.from({ length: 250 }, (_, i) => fresh(spec({ name: `s${i}` }), context));
    const services = new Map(many.map((service) => [service.spec.name, service]));
    table.changed({ monitor: { ...emptyMonitor, services }, last: sequence(1) });
    const count = (): void => {
      round += 1;
      if (round < 3) setImmediate(count);
    };
    setImmediate(count);
    await table.written();
    assert.deepEqual(prepared, [0, 1, 2]);
    assert.equal(onDisk(), 1);
  });

  test('does not keep an operator waiting for that', async (t) => {
    const { table, onDisk } = keeper(t, () => true);
    table.changed(state(1));
    assert.equal((await table.written()).ok, true);
    assert.equal(onDisk(), 1);
  });

  test('is on disk when an operator is answered', async (t) => {
    const { table, onDisk } = keeper(t);
    table.changed(state(1));
    const first = table.written();
    table.changed(state(2));
    const second = table.written();
    await first;
    assert.equal(onDisk(), 1);
    await second;
    assert.equal(onDisk(), 2);
  });

  test('that cannot be written keeps nobody waiting, and is tried again', async (t) => {
    const { table, told, onDisk, block, unblock } = keeper(t);
    block();
    table.changed(state(1));
    const written = await table.written();
    assert.equal(written.ok ? null : written.problem.code, 'ESM_FILE_NOT_WRITTEN');
    assert.deepEqual(told, ['ESM_FILE_NOT_WRITTEN']);
    unblock();
    await waitFor(() => onDisk() === 1, { what: 'the table' });
    assert.equal(told.at(-1), null);
  });

  test('of a change does not wait for that', async (t) => {
    const { table, told, onDisk, block, unblock } = keeper(t);
    block();
    table.changed(state(1));
    // The next try by itself is 2 s away then.
    await waitFor(() => told.length === 2, { what: 'two tries' });
    unblock();
    table.changed(state(2));
    await waitFor(() => onDisk() === 2, { what: 'the table', timeoutMs: 1000 });
  });

  test('of the last words is on disk at once', (t) => {
    const { table, onDisk } = keeper(t);
    table.changed(state(1));
    assert.equal(table.writeNow(state(2)).ok, true);
    assert.equal(onDisk(), 2);
  });

  test('of the last words may be impossible, too', (t) => {
    const { table, block } = keeper(t);
    block();
    assert.equal(table.writeNow(state(1)).ok, false);
  });
});
