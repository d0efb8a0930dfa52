import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { millis } from '../../../src/core/units.js';
import { stateFile } from '../../helpers/monitors.js';
import { policy, spec } from '../../helpers/services.js';
import { shellFor } from '../../helpers/shell.js';

const quick = (name: string) =>
  spec({
    name,
    launch: { type: 'command', command: ['/bin/true', name] },
    probation: millis(0),
    restart: { ...policy, limit: 1000 },
  });

const services = (number: number) => Array.from({ length: number }, (_, i) => quick(`s${i}`));
const many = services(40);

describe('a turn that has hundreds to answer', () => {
  test('starts a few, and leaves the rest to the next one', () => {
    const { kernel, shell } = shellFor(...many);
    assert.equal(kernel.requests.length, 4);
    kernel.spawnMs = 5;
    shell.turn();
    assert.equal(kernel.requests.length, 4 + 1);
    assert.ok(kernel.requests.every(({ isLast }) => !isLast));
  });

  test('goes on with what has died at once by the hundred in the next one', () => {
    const { kernel, shell, later } = shellFor(...services(100));
    later(40);
    const born = kernel.requests.length;
    for (const { pid } of kernel.os.processes.scan()) kernel.die(pid);
    shell.turn();
    assert.equal(
      [...shell.monitor.services.values()].filter(({ lastEnd }) => lastEnd !== null).length,
      kernel.portion,
    );
    later(40);
    assert.equal(kernel.requests.length, born + 100);
    assert.equal(kernel.requests.at(-1)?.isLast, true);
  });

  test('starts nothing while others die, and looks again soon', () => {
    const { kernel, shell, later } = shellFor(...many);
    later(40);
    const born = kernel.requests.length;
    const alarms: (number | null)[] = [];
    shell.useAlarm({ set: (at) => alarms.push(at) });
    kernel.pids.slice(0, 30).forEach((pid) => kernel.die(pid));
    shell.turn();
    kernel.now += 1;
    kernel.die(kernel.pids[0] ?? 0);
    shell.turn();
    kernel.now += 1;
    shell.turn();
    assert.equal(kernel.requests.length, born);
    assert.equal(alarms.at(-1), kernel.now + 1);
    kernel.now += 1;
    shell.turn();
    assert.ok(kernel.requests.length > born);
    later(40);
    assert.equal(kernel.requests.length, born + 31);
  });

  test('starts something in the end, even if others go on dying', () => {
    const { kernel, shell, later } = shellFor(...services(100));
    later(40);
    const born = kernel.requests.length;
    kernel.pids.slice(0, 4).forEach((pid) => kernel.die(pid));
    shell.turn();
    for (let ms = 1; ms < 50; ms += 1) {
      kernel.die(kernel.pids[0] ?? 0);
      later();
      assert.equal(kernel.requests.length, born, `${ms} ms`);
    }
    kernel.die(kernel.pids[0] ?? 0);
    later();
    assert.ok(kernel.requests.length > born);
  });

  test('takes precedence for more deaths than one', () => {
    const { kernel, shell, later } = shellFor(...many);
    const { hadPrecedence } = kernel;
    later(40);
    assert.deepEqual(hadPrecedence, Array<boolean>(40).fill(false));
    hadPrecedence.splice(0);
    kernel.die(kernel.pids[0] ?? 0);
    shell.turn();
    assert.deepEqual(hadPrecedence, [false]);
    hadPrecedence.splice(0);
    // The new one would be restarted with a delay.
    kernel.pids.slice(0, -1).forEach((pid) => kernel.die(pid));
    shell.turn();
    assert.equal(kernel.hasPrecedence, true);
    later(80);
    assert.deepEqual(hadPrecedence, Array<boolean>(39).fill(true));
    assert.equal(kernel.hasPrecedence, false);
  });

  test('keeps it until the last of them is told of', () => {
    const { kernel, shell, events, toldFirst, later } = shellFor(...many);
    later(80);
    const before = events.length;
    const toldBefore = toldFirst.length;
    kernel.pids.forEach((pid) => kernel.die(pid));
    shell.turn();
    later(80);
    assert.ok(events.length >= before + 2 * many.length);
    const toldLater = toldFirst.slice(toldBefore);
    assert.ok(toldLater.length > 1);
    assert.ok(toldLater.every((isFirst) => isFirst));
    assert.equal(kernel.hasPrecedence, false);
  });

  test('takes it for each death where there are hundreds of services', () => {
    const { kernel, shell, later } = shellFor(...services(100));
    later(40);
    kernel.hadPrecedence.splice(0);
    kernel.die(kernel.pids[0] ?? 0);
    shell.turn();
    assert.deepEqual([kernel.hadPrecedence, kernel.hasPrecedence], [[true], false]);
  });

  test('takes them all if something was announced before they died', () => {
    const names = Array.from({ length: 100 }, (_, i) => `s${i}`);
    const { kernel, shell, news } = shellFor(...names.map(quick));
    for (let i = 0; i < 40; i += 1) shell.turn();
    for (const { pid } of kernel.os.processes.scan()) kernel.die(pid);
    news.stateFile = stateFile('run', Object.fromEntries(names.map((name) => [name, 'stopping'])));
    shell.turn();
    assert.equal(kernel.requests.length, 100);
    assert.deepEqual(kernel.pids, []);
  });

  test('tells when more is to be started than it takes, and when no more is', () => {
    const { kernel, shell, behind, later } = shellFor(...many);
    later(40);
    const before = behind.length;
    const [first] = kernel.pids;
    kernel.die(first ?? 0);
    shell.turn();
    assert.equal(behind.length, before, 'one is no row');
    for (const pid of kernel.pids) kernel.die(pid);
    shell.turn();
    assert.deepEqual(behind.slice(before), [true]);
    later(80);
    assert.deepEqual(behind.slice(before), [true, false]);
  });
});
