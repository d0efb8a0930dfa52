import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { esm, said, shellNames, transition, type Shell } from '../helpers/control-script.js';
import { initd, PrivatePlace, shells } from '../helpers/private-place.js';
import { waitFor } from '../helpers/wait-for.js';

const pidFile = '/run/esmd.pid';

type Heard = Readonly<{ got: string; pid?: number; state?: string }>;

/** Starts what stands in for esmd, and collects what it says. */
async function holder(place: PrivatePlace): Promise<{ pid: number; heard: Heard[] }> {
  const program = join(import.meta.dirname, '../fixtures/initd/holder.js');
  // As in the wrapper: USR1 must not open a debugger.
  const command = [process.execPath, '--inspect-port=192.0.2.1:9229', program, pidFile];
  const child = place.start(['sh', '-c', '"$@" & wait', 'sh', ...command]);
  const heard: Heard[] = [];
  createInterface(child.stdout).on('line', (line) => heard.push(JSON.parse(line) as Heard));
  const first = await waitFor(() => heard[0], { what: 'the lock' });
  return { pid: first.pid ?? 0, heard };
}

/** A process that USR1 and HUP kill, and that only ever may be killed by the end of the place. */
async function innocent(place: PrivatePlace): Promise<{ pid: number; lives: () => boolean }> {
  const child = place.start(['sh', '-c', 'echo $$; exec sleep 1000']);
  for await (const line of createInterface(child.stdout)) {
    return { pid: Number(line), lives: () => child.exitCode === null && child.signalCode === null };
  }
  throw new Error('Cannot start a process');
}

async function everything(place: PrivatePlace, shell: Shell): Promise<readonly (number | null)[]> {
  await transition(place, shell, 'stopping', 'cron');
  const codes = [];
  for (const word of ['reload', 'disable', 'enable', 'status']) {
    codes.push((await esm(place, shell, [word])).code);
  }
  return codes;
}

for (const shell of shellNames) {
  void describe(`init.d/esm and esmd, under ${shell}`, () => {
    test('the holder of the lock is told, after the file was replaced', async (t) => {
      const place = await PrivatePlace.open(t);
      const { heard } = await holder(place);
      await transition(place, shell, 'start');
      await transition(place, shell, 'stopping', 'cron');
      await waitFor(() => heard.some(({ state }) => state?.includes('cron stopping')), {
        what: 'USR1 with the new file in place',
      });
      assert.equal((await esm(place, shell, ['reload'])).code, 0);
      await waitFor(() => heard.at(-1)?.got === 'HUP', { what: 'HUP' });
    });

    test('disable stops it, enable continues it, and status says so', async (t) => {
      const place = await PrivatePlace.open(t);
      const { pid } = await holder(place);
      await transition(place, shell, 'start');
      const runs = await esm(place, shell, ['status']);
      assert.deepEqual([runs.code, runs.stdout], [0, `esmd runs (process ${pid})\nmode run\n`]);
      assert.equal((await esm(place, shell, ['disable'])).code, 0);
      await waitFor(() => place.read(`/proc/${pid}/stat`).includes(' T '), { what: 'state T' });
      const stopped = await esm(place, shell, ['status']);
      assert.equal(stopped.code, 0);
      assert.match(stopped.stdout, /^esmd is stopped \(process \d+\): it does nothing until/);
      assert.equal((await esm(place, shell, ['enable'])).code, 0);
      await waitFor(() => / [SR] /.test(place.read(`/proc/${pid}/stat`)), { what: 'it goes on' });
    });

    test('status: the modes, the daemons, and the codes of the LSB', async (t) => {
      const place = await PrivatePlace.open(t);
      const status = async (): Promise<readonly [number | null, string]> => {
        const { code, stdout } = await esm(place, shell, ['status']);
        return [code, stdout];
      };
      assert.deepEqual(await status(), [3, 'esmd does not run\nstate file: it is missing\n']);
      await transition(place, shell, 'boot');
      await transition(place, shell, 'started', 'evmd');
      await transition(place, shell, 'stopping', 'cron');
      assert.deepEqual(await status(), [
        3,
        'esmd does not run\nmode boot; evmd up, cron stopping\n',
      ]);
      place.write('/run/esm.lock', '4194000 17\n');
      assert.equal((await status())[0], 2);
      place.write(pidFile, '', 0o600);
      place.remove('/run/esm.lock');
      assert.equal((await status())[0], 3, 'an empty pid file names nobody');
      place.write(pidFile, '4194000\n', 0o600);
      assert.equal((await status())[0], 1);
      place.write('/run/esm.state', 'version 2\nend\n');
      const [, words] = await status();
      assert.match(words, /state file: it does not begin with "version 1"/);
    });

    test('nobody holds the lock: no signal and no error', async (t) => {
      const place = await PrivatePlace.open(t);
      assert.deepEqual(await everything(place, shell), [7, 7, 7, 3]);
      // The number of a living process, of nobody, of init, and none at all.
      const bystander = await innocent(place);
      for (const content of [`${bystander.pid}\n`, '4194000\n', '1\n', '0\n', '-1\n', 'x', '']) {
        place.write(pidFile, content, 0o600);
        const codes = await everything(place, shell);
        assert.deepEqual(codes.slice(0, 3), [7, 7, 7], content);
      }
      assert.equal(bystander.lives(), true);
      assert.equal(said(place), 'boot, cron stopping');
    });

    test('one that waits for the lock, or only has the file open, is not told', async (t) => {
      const place = await PrivatePlace.open(t);
      const { heard } = await holder(place);
      const waiting = place.start(['flock', pidFile, 'true']);
      const open = place.start(['sh', '-c', `exec sleep 1000 9<>${pidFile}`]);
      await waitFor(() => place.read('/proc/locks').includes(' -> FLOCK '), { what: 'a waiter' });
      await transition(place, shell, 'start');
      await waitFor(() => heard.some(({ got }) => got === 'USR1'), { what: 'USR1' });
      for (const other of [waiting, open]) {
        assert.deepEqual([other.exitCode, other.signalCode], [null, null]);
      }
    });

    test('a number that is used again is not told', async (t) => {
      const place = await PrivatePlace.open(t);
      const bystander = await innocent(place);
      place.write(pidFile, `${bystander.pid}\n`, 0o600);
      // flock(2) remembers who took the lock. If that process has passed the open file on and died,
      // the lock lives on under a number that may by now be a stranger's.
      const { ino } = statSync(place.path(pidFile));
      place.write(
        '/run/locks',
        [
          `1: FLOCK  ADVISORY  WRITE ${bystander.pid} 00:2a:${ino} 0 EOF`,
          `1: -> FLOCK  ADVISORY  WRITE ${bystander.pid} 00:2a:${ino} 0 EOF`,
          `2: POSIX  ADVISORY  WRITE ${bystander.pid} fe:00:${ino} 0 EOF`,
          `3: OFDLCK ADVISORY  READ  -1 00:06:${ino} 0 EOF`,
          '',
        ].join('\n'),
      );
      await place.must(['mount', '--bind', '/run/locks', '/proc/locks']);
      assert.deepEqual(await everything(place, shell), [7, 7, 7, 4]);
      assert.equal(bystander.lives(), true);
    });

    test('where /proc/locks has other numbers, descriptor and lock are proof', async (t) => {
      const place = await PrivatePlace.open(t);
      const { heard } = await holder(place);
      place.write('/run/locks', '1: FLOCK  ADVISORY  WRITE 1 00:2a:1 0 EOF\n');
      await place.must(['mount', '--bind', '/run/locks', '/proc/locks']);
      await transition(place, shell, 'start');
      await waitFor(() => heard.some(({ got }) => got === 'USR1'), { what: 'USR1' });
      assert.equal((await esm(place, shell, ['status'])).code, 0);
    });

    test('somebody else sees that it runs, and may not signal it', async (t) => {
      const place = await PrivatePlace.open(t);
      const { heard } = await holder(place);
      const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
      const words = [...nobody, ...shells[shell], initd('esm')];
      assert.equal((await place.run([...words, 'status'])).code, 0);
      for (const word of ['reload', 'disable', 'enable']) {
        const ran = await place.run([...words, word]);
        assert.equal(ran.code, 4);
        assert.match(ran.stderr, /only root may/);
      }
      assert.equal(heard.length, 1);
    });
  });
}
