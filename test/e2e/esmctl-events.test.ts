import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { statusLimits } from '../../src/control/limits.js';
import { pid } from '../../src/core/units.js';
import { Stage } from '../helpers/esmctl.js';
import { aService, FakeDaemon } from '../helpers/fake-daemon.js';
import { RawClient } from '../helpers/unix-client.js';
import { waitFor } from '../helpers/wait-for.js';

const found = { type: 'service.adopted', pid: pid(7), how: 'found' } as const;
const stopped = { type: 'service.stopped' } as const;

/** What a running one has written so far. */
function reading(child: ChildProcess): { text: string; errors: string } {
  const so = { text: '', errors: '' };
  child.stdout?.on('data', (bytes: Buffer) => (so.text += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (so.errors += bytes.toString()));
  return so;
}

async function following(context: TestContext, ...args: readonly string[]) {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron'));
  const control = await stage.serve(daemon);
  const child = stage.start(['events', '-f', ...args]);
  const read = reading(child);
  await waitFor(() => daemon.listeners.size === 1, { what: 'it listens' });
  return { stage, daemon, control, child, read };
}

test('events: what is kept, as lines of words', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon();
  daemon.kept = 2;
  await stage.serve(daemon);
  daemon.publish('cron', stopped);
  daemon.publish('cron', stopped, 'cron stopped');
  daemon.publish(null, { type: 'monitor.mode', mode: 'run' }, 'mode run');
  const all = await stage.run(['events']);
  assert.equal(all.code, 0);
  assert.equal(
    all.stdout,
    `2026-03-01T12:00:00.002Z 2 info service.stopped cron cron stopped
2026-03-01T12:00:00.003Z 3 info monitor.mode - mode run
`,
  );
  const missed = await stage.run(['events', '--since', '0']);
  assert.match(missed.stdout, /^# 1 event was missed here\n2026/);
  const since = await stage.run(['events', '--since', '2', '--json']);
  assert.equal((JSON.parse(since.stdout) as { sequence: number }).sequence, 3);
  assert.deepEqual((await stage.run(['events', '--since', '3'])).stdout, '');
});

test('events: filtered', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon();
  await stage.serve(daemon);
  daemon.publish('cron', stopped);
  daemon.publish('rsyslogd', stopped);
  daemon.publish('rsyslogd', found);
  const result = await stage.run(['events', '--filter', 'name=rsyslogd *.stopped']);
  assert.match(result.stdout, /^\S+ 2 info service\.stopped rsyslogd .*\n$/);
});

test('events -f: as they happen, and no others', async (context) => {
  const { daemon, child, read } = await following(context, '--json');
  const event = daemon.publish('cron', stopped);
  await waitFor(() => read.text.includes('\n'), { what: 'a line' });
  assert.deepEqual(JSON.parse(read.text), event);
  child.kill('SIGINT');
  const signal = await new Promise((resolve) =>
    child.on('exit', (_code, name) => {
      resolve(name);
    }),
  );
  assert.equal(signal, 'SIGINT');
  await waitFor(() => daemon.listeners.size === 0, { what: 'it has left' });
});

test('events -f goes on where it was when esmd comes back', async (context) => {
  const { stage, daemon, control, read } = await following(context);
  daemon.publish('cron', stopped);
  await waitFor(() => read.text.includes(' 1 info'), { what: 'the first' });
  await control.close();
  daemon.publish('cron', stopped);
  await stage.serve(daemon);
  await waitFor(() => daemon.listeners.size === 1, { what: 'it listens again' });
  daemon.publish('cron', stopped);
  await waitFor(() => read.text.includes(' 3 info'), { what: 'the third' });
  assert.deepEqual(read.text.match(/ \d info/g), [' 1 info', ' 2 info', ' 3 info']);
});

test('events -f that was stopped for long takes up again, or says what it missed', async (context) => {
  const { daemon, child, read } = await following(context);
  daemon.publish('cron', stopped);
  await waitFor(() => read.text.includes(' 1 info'), { what: 'the first' });
  child.kill('SIGSTOP');
  const before = daemon.listeners.size;
  for (let turn = 0; turn < 150; turn++) {
    for (let i = 0; i < 50; i++) daemon.publish('cron', stopped, 'x'.repeat(500));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(before, 1);
  child.kill('SIGCONT');
  await waitFor(() => read.text.includes(' 7501 info'), { what: 'the last' });
  const numbers = [...read.text.matchAll(/ (\d+) info/g)].map(([, n]) => Number(n));
  const missed = Number(/^# (\d+) events were missed here$/m.exec(read.text)?.[1]);
  assert.equal(numbers.length + missed, 7501);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
});

test('events -f ends with 3 when esmd stays away, with 4 when there is no room', async (context) => {
  const { control, child, read } = await following(context);
  const code = new Promise((resolve) => child.on('exit', resolve));
  await control.close();
  assert.equal(await code, 3);
  assert.match(read.errors, /Cannot reach esmd/);

  const stage = new Stage(context);
  const daemon = new FakeDaemon();
  await stage.serve(daemon);
  for (let i = 0; i < statusLimits.streams; i++) {
    const client = new RawClient(context, stage.statusSocket, 'GET /v1/events HTTP/1.1\r\n\r\n');
    await waitFor(() => client.text !== '', { what: 'a stream' });
  }
  const refused = await stage.run(['events', '-f'], { user: 'nobody' });
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /too many streams/);
});

test('events -f | head leaves without a word', async (context) => {
  const { daemon, child, read } = await following(context);
  const code = new Promise((resolve) => child.on('exit', resolve));
  daemon.publish('cron', stopped);
  await waitFor(() => read.text.includes('\n'), { what: 'a line' });
  child.stdout?.destroy();
  await pause(50);
  for (let i = 0; i < 100 && child.exitCode === null; i++) {
    daemon.publish('cron', stopped);
    await pause(20);
  }
  assert.equal(await code, 0);
  assert.equal(read.errors, '');
});
