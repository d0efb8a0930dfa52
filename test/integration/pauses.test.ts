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
  await hasPaused();
  return { child, hasPaused, pause };
}

test('a stop is known at the first question after it, and only then', async (t) => {
  const { hasPaused, pause } = await asker(t);
  assert.equal(await hasPaused(), 'false');
  for (let round = 0; round < 20; round += 1) {
    await pause();
    assert.equal(await hasPaused(), 'true');
    assert.equal(await hasPaused(), 'false');
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
