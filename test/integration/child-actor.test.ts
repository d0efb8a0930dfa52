/** The bad child of the other suites is as bad as it says. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pid } from '../../src/core/units.js';
import { held } from '../helpers/exits.js';
import { bench } from '../helpers/spawner.js';
import { waitFor } from '../helpers/wait-for.js';

const actor = fileURLToPath(new URL('../fixtures/actor.js', import.meta.url));
const command = (...args: readonly string[]) => [process.execPath, actor, ...args];

test('it ignores SIGTERM, leaks descriptors and closes its stdio', async (t) => {
  const { start, folder } = bench(t);
  const log = join(folder, 'log');
  const args = ['--ignore-term', '--leak-fds', '50', '--close-stdio', '--ready-after', '20'];
  const answer = await start({ command: command(...args), log });
  assert.ok(answer.ok);
  const text = () => readFileSync(log, 'utf8');
  await waitFor(() => text() === 'ready\n', { what: 'it to be ready' });
  await waitFor(() => !existsSync(`/proc/${answer.held.pid}/fd/1`), {
    what: 'stdout to be closed',
  });
  assert.ok(existsSync(`/proc/${answer.held.pid}/fd/60`));
  answer.held.signal('TERM', 'process');
  assert.ok(answer.held.isAlive());
});

test('it leaves a daemon behind, which writes its pid file and ends as told', async (t) => {
  const { exits, seen, start, folder } = bench(t);
  const pidfile = join(folder, 'pid');
  const args = ['--fork', '--pidfile', pidfile, '--exit-after', '400', '--exit-code', '9'];
  const answer = await start({ command: command(...args) });
  assert.ok(answer.ok);
  const number = await waitFor(
    () => existsSync(pidfile) && Number(readFileSync(pidfile, 'latin1')),
    { what: 'the pid file' },
  );
  const daemon = held(exits, pid(number), 'adopted');
  await waitFor(() => seen.some((exit) => exit.held === answer.held), {
    what: 'its parent to end',
  });
  await waitFor(() => seen.some((exit) => exit.held === daemon && exit.status.type === 'code'), {
    what: 'its end, and its status (Linux 6.15)',
  });
  const last = seen.findLast((exit) => exit.held === daemon);
  assert.deepEqual(last?.status, { type: 'code', code: 9 });
  daemon.release();
});

test('it says what it was given', async (t) => {
  const { output, folder } = bench(t);
  const { text, held: child } = await output(
    command('--print-inheritance', '--hang', '--exit-after', '10', '--exit-code', '3'),
    { directory: folder, umask: 0o077, environment: { A: '1' } },
  );
  const [first = '', second] = text.split('\n');
  const given = JSON.parse(first) as Record<string, unknown>;
  assert.equal(second, '', 'it never becomes ready');
  assert.deepEqual(
    [given['session'], given['group'], given['umask'], given['directory'], given['environment']],
    [child.pid, child.pid, '0077', folder, { A: '1' }],
  );
});
