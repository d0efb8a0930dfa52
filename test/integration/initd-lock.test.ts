import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  esm,
  readState,
  said,
  shellNames,
  transition,
  type Shell,
} from '../helpers/control-script.js';
import { initd, PrivatePlace } from '../helpers/private-place.js';
import { waitFor } from '../helpers/wait-for.js';

const lock = '/run/esm.lock';

/** Starts a process inside that lives as long as the place; its number and start time in there. */
async function bystander(place: PrivatePlace): Promise<{ pid: number; startTime: string }> {
  const child = place.start(['sh', '-c', 'echo $$; exec sleep 1000']);
  const pid = await new Promise<number>((resolve) =>
    child.stdout.once('data', (data: Buffer) => {
      resolve(Number(data.toString()));
    }),
  );
  const stat = readFileSync(place.path(`/proc/${pid}/stat`), 'utf8');
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return { pid, startTime };
}

const names = Array.from({ length: 20 }, (_, index) => `daemon${index}`);

// Most of the time they wait.
void describe('init.d/esm: its lock', { concurrency: true }, () => {
  test('20 transitions at once, by all shells, keep all lines', async (t) => {
    const place = await PrivatePlace.open(t);
    await transition(place, 'dash', 'start');
    const shellOf = (index: number): Shell => shellNames[index % shellNames.length] ?? 'dash';
    await Promise.all(
      names.map((name, index) => transition(place, shellOf(index), 'stopping', name)),
    );
    assert.deepEqual([...readState(place).daemons.keys()].toSorted(), names.toSorted());
    assert.equal(place.exists(lock), false);
  });

  test('of a dead owner, of a number used again, or of nobody: it is broken, once', async (t) => {
    const place = await PrivatePlace.open(t);
    await transition(place, 'dash', 'start');
    const { pid } = await bystander(place);
    for (const content of ['4194000 17\n', `${pid} 17\n`, '', 'garbage\n', '-1 2\n']) {
      for (const shell of shellNames) {
        place.write(lock, content);
        await Promise.all(
          names.slice(0, 4).map((name) => transition(place, shell, 'stopped', name)),
        );
        assert.equal(readState(place).daemons.size, 4, `${shell}: ${content}`);
        assert.equal(place.exists(lock), false);
        assert.equal(place.exists(`${lock}.break`), false);
        await transition(place, shell, 'stop');
      }
    }
  });

  test('and the right to break it may have been left behind as well', async (t) => {
    const place = await PrivatePlace.open(t);
    place.write(lock, '4194000 17\n');
    place.write(`${lock}.break`, '4194001 17\n');
    place.write(`${lock}.break.break`, '4194002 17\n');
    await transition(place, 'dash', 'stopped', 'cron');
    assert.equal(said(place), 'boot, cron down');
  });

  test('nobody else breaks it, or gets it, while one is about to break it', async (t) => {
    const place = await PrivatePlace.open(t);
    const stale = '4194000 17\n';
    place.write(lock, stale);
    // One stops between its second look and the removal; the other notes each of its attempts.
    const stop = `[ "$2" != ${lock} ] || until [ -e /run/go ]; do /bin/sleep 0.01; done`;
    place.write('/run/slow/rm', `#!/bin/sh\n${stop}\nexec /bin/rm "$@"\n`, 0o755);
    const attempt = 'echo "$2" >>/run/attempts';
    place.write('/run/noting/ln', `#!/bin/sh\n${attempt}\nexec /bin/ln "$@"\n`, 0o755);
    const script = readFileSync(initd('esm'), 'utf8');
    for (const kind of ['slow', 'noting']) {
      const text = script.replace(/^PATH=/m, `PATH=/run/${kind}:`);
      place.write(`/run/${kind}/esm`, text, 0o755);
    }
    const slow = place.run(['/run/slow/esm', 'stopping', 'cron']);
    await waitFor(() => place.exists(`${lock}.break`), { what: 'the right to break it' });
    const other = place.run(['/run/noting/esm', 'stopping', 'dbus']);
    const attempts = (): number => place.read('/run/attempts').split('\n').length;
    await waitFor(() => place.exists('/run/attempts') && attempts() > 8, { what: 'attempts' });
    assert.equal(place.read(lock), stale);
    place.write('/run/go', '');
    assert.deepEqual([(await slow).stderr, (await other).stderr], ['', '']);
    assert.deepEqual([...readState(place).daemons.keys()].toSorted(), ['cron', 'dbus']);
  });

  test('a writer that was killed while it had the lock is in nobody’s way', async (t) => {
    const place = await PrivatePlace.open(t);
    await transition(place, 'dash', 'start');
    for (const shell of shellNames) {
      // The first sed of the PATH hangs: the writer is killed between lock and replacement.
      place.write('/run/bin/sed', '#!/bin/sh\nexec sleep 1000\n', 0o755);
      const script = readFileSync(initd('esm'), 'utf8').replace(/^PATH=/m, 'PATH=/run/bin:');
      place.write('/run/esm-that-hangs', script, 0o755);
      const child = place.start(['/run/esm-that-hangs', 'stopped', 'cron']);
      const owner = await waitFor(
        () => place.exists(lock) && /^(\d+) /.exec(place.read(lock))?.[1],
        { what: 'the lock' },
      );
      await place.must(['kill', '-KILL', owner]);
      child.kill('SIGKILL');
      await transition(place, shell, 'stopping', 'rsyslogd');
      assert.equal(said(place), 'run, rsyslogd stopping');
      await transition(place, shell, 'start');
    }
  });

  test('held by a living process: goes on after 10 s, with a warning', async (t) => {
    const place = await PrivatePlace.open(t);
    await transition(place, 'dash', 'start');
    const { pid, startTime } = await bystander(place);
    place.write(lock, `${pid} ${startTime}\n`);
    await Promise.all(
      shellNames.map(async (shell, index) => {
        const begin = performance.now();
        const ran = await esm(place, shell, ['stopped', `daemon${index}`]);
        const took = performance.now() - begin;
        assert.equal(ran.code, 0);
        assert.match(ran.stderr, new RegExp(`process ${pid} has held it for 10 s; going on`));
        assert.ok(took > 8_500 && took < 11_500, `${shell}: ${took} ms`);
      }),
    );
    assert.ok(
      readState(place).daemons.size >= 1,
      'without a lock lines may be lost, never the file',
    );
    assert.equal(place.read(lock), `${pid} ${startTime}\n`, 'a lock of another is left alone');
  });
});
