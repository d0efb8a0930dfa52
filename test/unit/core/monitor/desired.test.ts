import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restatedUp, statementAgainst, wanted } from '../../../../src/core/monitor/desired.js';
import type { DaemonState, Mode } from '../../../../src/core/state-file.js';
import { stateFile } from '../../../helpers/monitors.js';

const file = (mode: Mode, daemons: Readonly<Record<string, DaemonState>> = {}) =>
  stateFile(mode, daemons).file;

const up = { desired: 'up', by: 'configuration' };
const upByFile = { desired: 'up', by: 'state file' };
const stopped = { desired: 'down', by: 'operator' };
const byMode = { desired: 'unmonitored', by: 'mode' };
const byFile = { desired: 'unmonitored', by: 'state file' };

const table = [
  ['no state file', null, byMode, byMode],
  ['mode run', file('run'), up, stopped],
  ['mode run, named up', file('run', { web: 'up' }), upByFile, stopped],
  ['mode run, named stopping', file('run', { web: 'stopping' }), byFile, byFile],
  ['mode run, named down', file('run', { web: 'down' }), byFile, byFile],
  ['mode boot', file('boot'), byMode, byMode],
  ['mode boot, named up', file('boot', { web: 'up' }), upByFile, stopped],
  ['mode boot, named stopping', file('boot', { web: 'stopping' }), byFile, byFile],
  ['mode shutdown', file('shutdown'), byMode, byMode],
  ['mode shutdown, named up', file('shutdown', { web: 'up' }), upByFile, stopped],
  ['mode shutdown, named down', file('shutdown', { web: 'down' }), byFile, byFile],
  ['a mode that we do not know', file('unknown'), byMode, byMode],
  ['a mode that we do not know, named up', file('unknown', { web: 'up' }), upByFile, stopped],
] as const;

for (const [name, statements, without, afterStop] of table) {
  test(`wanted: ${name}`, () => {
    assert.deepEqual(wanted('web', 'none', statements), without);
    assert.deepEqual(wanted('web', 'down', statements), afterStop);
  });
}

test('statementAgainst: names what takes a service out of monitoring', () => {
  assert.equal(statementAgainst('web', null), 'there is no readable state file');
  assert.equal(statementAgainst('web', file('shutdown')), 'the state file says "mode shutdown"');
  assert.equal(
    statementAgainst('web', file('run', { web: 'down' })),
    'the state file says "daemon web down"',
  );
});

const restated = [
  ['the first file since esmd began', null, file('run', { a: 'up' }), []],
  ['a change of mode', file('boot', { a: 'up' }), file('run', { a: 'up' }), []],
  ['a new line', file('run', { a: 'up' }), file('run', { a: 'up', b: 'up' }), ['b']],
  ['a changed line', file('run', { a: 'down', b: 'up' }), file('run', { b: 'up', a: 'up' }), ['a']],
  [
    'a line moved to the end',
    file('run', { a: 'up', b: 'up' }),
    file('run', { b: 'up', a: 'up' }),
    ['a'],
  ],
  [
    'the last line again',
    file('run', { a: 'up', b: 'up' }),
    file('run', { a: 'up', b: 'up' }),
    ['b'],
  ],
  [
    'another goes down',
    file('run', { a: 'up', b: 'up' }),
    file('run', { a: 'up', b: 'stopping' }),
    [],
  ],
  ['two at once', file('run'), file('run', { a: 'up', b: 'up' }), ['a', 'b']],
  ['nothing is named', file('run'), file('run'), []],
] as const;

for (const [name, before, after, names] of restated) {
  test(`restatedUp: ${name}`, () => {
    assert.deepEqual(restatedUp(before, after), names);
  });
}
