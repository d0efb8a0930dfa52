import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ended, Stage } from '../helpers/esmctl.js';
import { aService, FakeDaemon } from '../helpers/fake-daemon.js';
import { waitFor } from '../helpers/wait-for.js';

const entered = '\x1b[?1049h';
const left = '\x1b[?25h\x1b[?1049l';

async function staged(context: TestContext): Promise<Stage> {
  const stage = new Stage(context);
  const services = [aService('mine', { pid: process.pid }), aService('gone', { pid: 2 ** 22 })];
  await stage.serve(new FakeDaemon(...services));
  return stage;
}

/** One that runs on a terminal, and what it has shown so far. */
async function running(context: TestContext) {
  const stage = await staged(context);
  const child = stage.start(['top', '-d', '0.2'], { columns: 100 });
  const shown = { text: '' };
  child.stdout?.on('data', (bytes: Buffer) => (shown.text += bytes.toString()));
  const end = ended(child);
  await waitFor(() => shown.text.includes('mine'), { what: 'a picture', timeoutMs: 10_000 });
  return { child, shown, end };
}

test('top where there is no terminal, or once: one picture of real processes', async (context) => {
  const stage = await staged(context);
  for (const result of [
    await stage.run(['top']),
    await stage.run(['top', '--once'], { columns: 80, environment: { NO_COLOR: '1' } }),
  ]) {
    assert.equal(result.code, 0);
    assert.equal(result.stderr, '');
    assert.match(result.stdout, /^esmd 1000, mode run/);
    assert.match(result.stdout, /cpu \d+\.\d %, memory [\d.]+[MGT] of [\d.]+[MGT]/);
    assert.match(result.stdout, /mine .*\d +\d+ +\d+\.\d +[\d.]+M/);
    assert.match(result.stdout, /gone .*- +- +-/);
    assert.ok(!result.stdout.includes(entered));
  }
});

test('top on a terminal: again and again, until q, and leaves the terminal as it was', async (context) => {
  const { child, shown, end } = await running(context);
  const pictures = (): number => shown.text.split('RESTARTS').length - 1;
  await waitFor(() => pictures() >= 2, { what: 'another picture', timeoutMs: 10_000 });
  child.stdin?.write('x');
  child.stdin?.write('q');
  const { code } = await end;
  assert.equal(code, 0);
  assert.ok(shown.text.startsWith(entered));
  assert.ok(shown.text.endsWith(left));
  for (const line of shown.text.split('\r\n')) assert.ok(line.length < 140);
});

test('top leaves by Ctrl-C too', async (context) => {
  const { child, shown, end } = await running(context);
  child.stdin?.write('\x03');
  assert.equal((await end).code, 0);
  assert.ok(shown.text.endsWith(left));
});

test('top gives the terminal back when esmd goes away', async (context) => {
  const stage = new Stage(context);
  const control = await stage.serve(new FakeDaemon(aService('mine')));
  const child = stage.start(['top', '-d', '0.2'], { columns: 100 });
  const shown = { text: '' };
  child.stdout?.on('data', (bytes: Buffer) => (shown.text += bytes.toString()));
  const end = ended(child);
  await waitFor(() => shown.text.includes('mine'), { what: 'a picture', timeoutMs: 10_000 });
  await control.close();
  assert.equal((await end).code, 3);
  assert.ok(shown.text.includes(left));
  assert.match(shown.text, /Cannot reach esmd: it is not running[^\n]*\n$/);
});
