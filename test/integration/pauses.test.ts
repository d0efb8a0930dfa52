import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../helpers/wait-for.js';

/** A process that can be asked whether it was stopped since the last time. */
async function asker(context: TestContext) {
  const fixture = fileURLToPath(new URL('../fixtures/pauses.js', import.meta.url));
  const child = spawn(process.execPath, [fixture], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  context.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  // A CONT may come before every thread has stopped; then there is no pause to speak of.
  const isStopped = (): boolean =>
    readdirSync(`/proc/${child.pid}/task`).every((thread) =>
      readFileSync(`/proc/${child.pid}/task/${thread}/stat`, 'latin1').includes(' T '),
    );
  const hasPaused = async (): Promise<string> => {
    child.stdin.write('?\n');
    return String((await lines.next()).value);
  };
  const pause = async (): Promise<void> => {
    child.kill('SIGSTOP');
    await waitFor(isStopped, { what: 'the stop' });
    child.kill('SIGCONT');
  };
  /** How often the idle thread has gone to sleep: see proc_pid_status(5). */
  const sleeps = (): number => {
    const folder = `/proc/${child.pid}/task`;
    const [status = ''] = readdirSync(folder)
      .map((thread) => readFileSync(`${folder}/${thread}/status`, 'latin1'))
      .filter((text) => text.startsWith('Name:\tesmd-idle\n'));
    return Number(/^voluntary_ctxt_switches:\t(\d+)$/m.exec(status)?.[1] ?? 0);
  };
  await hasPaused();
  await waitFor(() => sleeps() > 0, { what: 'the idle thread to sleep' });
  await hasPaused();
  return { child, hasPaused, pause, sleeps };
}

test('a stop is known at the first question after it, and no longer when all sleep again', async (t) => {
  const { hasPaused, pause, sleeps } = await asker(t);
  assert.equal(await hasPaused(), 'false');
  for (let round = 0; round < 50; round += 1) {
    const before = sleeps();
    await pause();
    assert.equal(await hasPaused(), 'true');
    // Once by the stop, once more after the CONT, which may come after the answer.
    await waitFor(() => sleeps() >= before + 2, { what: 'the idle thread to sleep again' });
    await hasPaused();
    for (let asked = 0; asked < 5; asked += 1) assert.equal(await hasPaused(), 'false');
  }
});

test('signals and work are no stop', async (t) => {
  const { child, hasPaused } = await asker(t);
  assert.equal(await hasPaused(), 'false');
  for (let round = 0; round < 50; round += 1) {
    child.kill('SIGCONT');
    child.kill('SIGWINCH');
    assert.equal(await hasPaused(), 'false');
  }
});
