import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Service, Step } from '../../../src/core/service/record.js';
import { deadlineOf } from '../../../src/core/service/record.js';
import { step } from '../../../src/core/service/step.js';
import { inWords } from '../../helpers/rows.js';
import {
  actuals,
  backgroundSpec,
  context,
  down,
  now,
  overdue,
  service,
  spec,
  unmonitored,
} from '../../helpers/services.js';
import { edges, inputsFor, stateTable, withStateTable } from '../../helpers/state-table.js';

test('the table in ARCHITECTURE.md is the one of the code: make state-table writes it', () => {
  const document = readFileSync(join(import.meta.dirname, '../../../../ARCHITECTURE.md'), 'utf8');
  const lines = new Set(document.split('\n'));
  assert.deepEqual(
    withStateTable(document)
      ?.split('\n')
      .filter((line) => !lines.has(line)),
    [],
    'lines that the document lacks',
  );
  assert.ok(document === withStateTable(document), 'the document has lines of its own');
});

test('a document has one place for the table, or none is written', () => {
  const [begin, end] = ['<!-- state table: begin -->', '<!-- state table: end -->'];
  assert.equal(withStateTable('# nothing'), null);
  assert.equal(withStateTable(begin), null);
  assert.equal(withStateTable(`${begin}${end}${begin}${end}`), null);
  const written = withStateTable(`a\n${begin}old${end}\nb`) ?? '';
  assert.equal(written, `a\n${begin}\n\n${stateTable()}\n\n${end}\nb`);
});

test('every state and phase can be reached', () => {
  const reached = new Set(edges().map(({ taken: [next] }) => inWords(next.actual)));
  assert.deepEqual([...reached].sort(), [...new Set(Object.values(actuals).map(inWords))].sort());
});

test('from what can be reached, hands-off does nothing and no deadline is left behind', () => {
  for (const { before, input, taken } of edges()) {
    const [next, actions] = taken;
    const what = `${inWords(before.actual)}: ${input.type}`;
    if (next.desired === 'unmonitored') {
      assert.ok(
        actions.every(({ type }) => type === 'look'),
        what,
      );
    }
    if (input.type === 'elapsed') assert.ok((deadlineOf(next) ?? Infinity) > now, what);
    if (next.actual.state === 'running') assert.notEqual(next.desired, 'down', what);
    if (next !== before && next.desired === 'up' && next.actual.state === 'stopped') {
      assert.notDeepEqual(next.actual.waitingFor, [], what);
    }
  }
});

/** Every record that could be restored from a table, whether it can be reached or not. */
function* anyService(): Generator<Service> {
  const wishes = [{ desired: 'up', desiredBy: 'state file' } as const, down, unmonitored];
  for (const actual of Object.values(actuals)) {
    for (const each of [actual, overdue(actual)]) {
      for (const wish of wishes) {
        yield service(each, { ...wish, spec: spec() });
        yield service(each, { ...wish, spec: backgroundSpec({ kill: 'process' }), leader: null });
      }
    }
  }
}

test('every state answers every input, and changes nothing but what it returns', () => {
  for (const before of anyService()) {
    const text = JSON.stringify(before);
    for (const input of inputsFor(before)) {
      const taken: Step = step(before, input, context());
      // What a table keeps is all there is.
      assert.deepEqual(
        JSON.parse(JSON.stringify(taken)),
        taken,
        `${inWords(before.actual)}: ${input.type}`,
      );
    }
    assert.equal(JSON.stringify(before), text);
  }
});
