import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { millis } from '../../../src/core/units.js';
import { configured, stateFile } from '../../helpers/monitors.js';
import { backgroundSpec, policy, spec } from '../../helpers/services.js';
import { shellFor } from '../../helpers/shell.js';

const never = { ...policy, limit: 1000 };
const quick = (name: string) =>
  spec({
    name,
    launch: { type: 'command', command: ['/bin/true', name] },
    probation: millis(0),
    restart: never,
  });

const many = Array.from({ length: 40 }, (_, i) => quick(`s${i}`));

describe('a turn', () => {
  test('restarts a daemon that has died, and scans nothing for it', () => {
    const { kernel, shell, service } = shellFor(quick('web'));
    const [, pid] = service();
    const scans = kernel.scans;
    kernel.die(pid ?? 0);
    shell.turn();
    assert.deepEqual([service()[0], kernel.scans], ['probation', scans]);
    assert.notEqual(service()[1], pid);
  });

  test('asks for the replacement before anybody is told of the death', () => {
    const { kernel, shell, events, toldAfter, service } = shellFor(quick('web'));
    const before = toldAfter.length;
    kernel.die(service()[1] ?? 0);
    shell.turn();
    assert.deepEqual(toldAfter.slice(before), [2]);
    assert.ok(events.some(({ body }) => body.type === 'service.exited'));
  });

  test('tells of many deaths when all have been answered, some at a time', () => {
    const { kernel, shell, events, toldAfter, later } = shellFor(
      ...Array.from({ length: 100 }, (_, i) => quick(`s${i}`)),
    );
    for (let i = 0; i < 40; i += 1) shell.turn();
    const [before, born] = [events.length, kernel.requests.length];
    for (const { pid } of kernel.os.processes.scan()) kernel.die(pid);
    let most = 0;
    for (let i = 0; i < 80; i += 1) {
      const told = events.length;
      later();
      if (kernel.requests.length < born + 100) assert.equal(events.length, before);
      most = Math.max(most, events.length - told);
    }
    assert.equal(most, 24);
    assert.equal(toldAfter.at(-1), born + 100);
    assert.ok(events.length >= before + 200, `${events.length - before}`);
    const numbers = events.map(({ sequence }) => sequence);
    assert.deepEqual(
      numbers,
      [...numbers.keys()].map((i) => i + 1),
    );
    assert.equal(shell.lastTold, shell.last);
  });

  test('what has not been told yet can be told at the end', () => {
    const { kernel, shell, events } = shellFor(
      ...Array.from({ length: 100 }, (_, i) => quick(`s${i}`)),
    );
    for (let i = 0; i < 40; i += 1) shell.turn();
    for (const { pid } of kernel.os.processes.scan()) kernel.die(pid);
    shell.turn();
    assert.ok(shell.isBusy && shell.lastTold < shell.last);
    shell.stop();
    shell.tellRest();
    assert.equal(events.at(-1)?.sequence, shell.last);
    assert.equal(shell.lastTold, shell.last);
  });

  test('sees what was announced before a death, before it answers the death', () => {
    const { kernel, shell, news, service } = shellFor(quick('web'));
    kernel.die(service()[1] ?? 0);
    news.stateFile = stateFile('run', { web: 'stopping' });
    shell.turn();
    assert.deepEqual([service()[0], kernel.requests.length], ['stopped', 1]);
  });

  test('sees it before what a deadline asks for, too', () => {
    const { kernel, shell, news, service, take } = shellFor(quick('web'));
    kernel.refusal = { ok: false, shortage: true, problem: { code: 'X', message: 'no' } };
    kernel.die(service()[1] ?? 0);
    shell.turn();
    assert.equal(service()[0], 'backoff');
    kernel.refusal = null;
    kernel.now += 60_000;
    news.stateFile = stateFile('run', { web: 'stopping' });
    take();
    assert.deepEqual([service()[0], kernel.pids], ['stopped', []]);
  });

  test('looks at nothing where nothing has happened', () => {
    const { looks, shell } = shellFor(quick('web'));
    shell.turn();
    const before = looks();
    shell.turn();
    assert.equal(looks(), before);
  });

  test('does not trust what has died before its deadline', () => {
    const { kernel, shell } = shellFor(
      ...Array.from({ length: 100 }, (_, i) =>
        spec({ name: `s${i}`, probation: millis(1000), restart: { ...never, delay: millis(1) } }),
      ),
    );
    for (let i = 0; i < 40; i += 1) shell.turn();
    for (const { pid } of kernel.os.processes.scan()) kernel.die(pid);
    kernel.now += 1000;
    shell.turn();
    assert.equal(
      [...shell.monitor.services.values()].filter(({ actual }) => actual.state === 'running')
        .length,
      0,
    );
  });

  test('searches for all that are to appear with one scan every 100 ms', () => {
    const names = Array.from({ length: 50 }, (_, i) => `s${i}`);
    const { kernel, shell } = shellFor(
      ...names.map((name) => backgroundSpec({ name, pidfile: null })),
    );
    while (kernel.requests.length < 50) shell.turn();
    for (const pid of kernel.pids) {
      kernel.now += 7;
      kernel.die(pid, { type: 'code', code: 0 });
      shell.turn();
    }
    const before = kernel.scans;
    const end = kernel.now + 1000;
    while (kernel.now < end) {
      kernel.now += 1;
      shell.turn();
    }
    assert.deepEqual(
      [...shell.monitor.services.values()].filter(({ actual }) => actual.state !== 'starting'),
      [],
    );
    assert.equal(kernel.scans - before, 10);
  });

  test('a stop wins over a start that waits for its turn', () => {
    const { kernel, shell, news } = shellFor(...many);
    news.stateFile = stateFile('run', { s39: 'down' });
    shell.wake('look');
    for (let i = 0; i < 10; i += 1) shell.turn();
    assert.equal(kernel.requests.length, 39);
  });

  test('searches after a death if esmd was stopped, though no CONT was heard of yet', () => {
    const { kernel, shell, news, service } = shellFor(quick('web'));
    const [running] = kernel.os.processes.scan();
    kernel.die(running?.pid ?? 0);
    const byHand = kernel.add({ exe: running?.exe ?? '', args: ['/bin/true', 'web'] });
    news.hasPaused = true;
    shell.turn();
    assert.deepEqual(service(), ['running', byHand.pid]);
  });

  test('gives a wait its full time again after a stop, though no CONT was heard of yet', () => {
    const { kernel, shell, news, service } = shellFor(spec({ probation: millis(1000) }));
    assert.equal(service()[0], 'probation');
    kernel.now += 60_000;
    news.hasPaused = true;
    shell.turn();
    assert.equal(service()[0], 'probation');
    kernel.now += 1000;
    shell.turn();
    assert.equal(service()[0], 'running');
  });

  test('holds no more processes after many restarts', () => {
    const { kernel, shell, service } = shellFor(quick('web'));
    for (let i = 0; i < 200; i += 1) {
      kernel.die(service()[1] ?? 0);
      shell.turn();
      kernel.now += 1000;
      shell.turn();
    }
    assert.deepEqual([service()[0], kernel.held.size], ['running', 1]);
  });
});

describe('hearing of a death', () => {
  const rounds = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  /** A service whose daemon, `first`, was just heard to have died. */
  const dying = async (hasSignal: boolean) => {
    const bench = shellFor(quick('web'));
    const [, first] = bench.service();
    await rounds(3);
    bench.kernel.die(first ?? 0);
    bench.news.hasSignal = hasSignal;
    bench.shell.hear();
    return { ...bench, first };
  };

  test('brings the replacement at once', async () => {
    const { service, first } = await dying(false);
    assert.equal(service()[0], 'probation');
    assert.notEqual(service()[1], first);
  });

  test('waits for a signal that has come with it, which may be the last word', async () => {
    const { kernel, shell, service, first } = await dying(true);
    assert.equal(service()[1], first);
    // The loop tells of it before the next round of what is immediate.
    setImmediate(() => {
      shell.stop();
    });
    await rounds(5);
    assert.deepEqual([service()[1], kernel.requests.length], [first, 1]);
  });

  test('goes on in the round after the signal', async () => {
    const { service, first } = await dying(true);
    await rounds(3);
    assert.notEqual(service()[1], first);
  });
});

describe('a start that waits for its turn', () => {
  test('is not made twice for a service that was removed and added again', () => {
    const { kernel, shell, take } = shellFor(...many);
    take(configured(...many.slice(0, 39)));
    take(configured(...many));
    for (let i = 0; i < 10; i += 1) shell.turn();
    const last = kernel.requests.filter(({ command }) => command[1] === 's39');
    assert.equal(last.length, 1);
  });

  test('is looked for again after esmd was stopped: somebody may have made it', () => {
    const { kernel, shell, service } = shellFor(...many);
    const [started] = kernel.pids;
    const exe = kernel.os.processes.scan().find(({ pid }) => pid === started)?.exe ?? '';
    const byHand = kernel.add({ exe, args: ['/bin/true', 's39'] });
    shell.wake('continued');
    for (let i = 0; i < 10; i += 1) shell.turn();
    assert.equal(kernel.requests.length, 39);
    assert.equal(service('s39')[1], byHand.pid);
  });
});
