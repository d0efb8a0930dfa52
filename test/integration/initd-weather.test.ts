import assert from 'node:assert/strict';
import { chownSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { describe, test } from 'node:test';
import { esm, said, shellNames, stateFile, transition } from '../helpers/control-script.js';
import { initd, PrivatePlace, shells } from '../helpers/private-place.js';

const leftovers = (place: PrivatePlace): string[] =>
  readdirSync(place.path('/run')).filter((name) => name.startsWith('esm') && name !== 'esm.state');

for (const shell of shellNames) {
  void describe(`init.d/esm in bad weather, under ${shell}`, () => {
    test('a full disk keeps the old file', async (t) => {
      const place = await PrivatePlace.open(t);
      await place.must(['mount', '-t', 'tmpfs', '-o', 'size=16k,mode=0755', 'tmpfs', '/run']);
      await transition(place, shell, 'start');
      await transition(place, shell, 'stopping', 'cron');
      const inode = statSync(place.path(stateFile)).ino;
      await place.run(['dd', 'if=/dev/zero', 'of=/run/fill', 'bs=4096']);
      for (const words of [['stopped', 'cron'], ['start'], ['stop'], ['boot']]) {
        const ran = await esm(place, shell, words);
        assert.equal(ran.code, 1);
        assert.match(ran.stderr, /Cannot replace \/run\/esm\.state: .+; the old one is kept/);
      }
      assert.equal(said(place), 'run, cron stopping');
      assert.equal(statSync(place.path(stateFile)).ino, inode);
      place.remove('/run/fill');
      await transition(place, shell, 'stopped', 'cron');
      assert.equal(said(place), 'run, cron down');
      assert.deepEqual(leftovers(place), []);
    });

    test('not even an inode is left', async (t) => {
      const place = await PrivatePlace.open(t);
      const options = 'nr_inodes=3,mode=0755';
      await place.must(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', '/run']);
      place.write(stateFile, 'version 1\nmode run\nend\n');
      place.write('/run/other', '');
      const ran = await esm(place, shell, ['stop']);
      assert.equal(ran.code, 1);
      assert.equal(said(place), 'run');
    });

    test('what is left of a torn file is kept, but for the line that is torn', async (t) => {
      const place = await PrivatePlace.open(t);
      place.write(stateFile, 'version 1\nmode run\ndaemon cron down\ndaemon rsyslogd stopp');
      const ran = await esm(place, shell, ['stopping', 'dbus']);
      assert.equal(ran.code, 0);
      assert.match(ran.stderr, /it does not end with "end"; kept run mode/);
      assert.equal(said(place), 'run, cron down, dbus stopping');
    });

    test('a file with comments, blanks and lines by a newer script is understood', async (t) => {
      const place = await PrivatePlace.open(t);
      const lines = ['# a comment', '', ' version\t1 ', 'mode run # so', 'future thing', 'mode on'];
      const daemons = ['daemon  a  down # x', 'daemon b gone', 'daemon -c down', 'end'];
      place.write(stateFile, [...lines, ...daemons].join('\n'));
      await transition(place, shell, 'stopping', 'd');
      assert.equal(said(place), 'run, a down, d stopping');
    });

    test('a file that is not ours is replaced, and nothing of it believed', async (t) => {
      const place = await PrivatePlace.open(t);
      const mine = 'version 1\nmode run\ndaemon cron down\nend\n';
      const put: Record<string, () => unknown> = {
        'is not a regular file of root': () => {
          place.write(stateFile, mine);
          chownSync(place.path(stateFile), 1000, 1000);
        },
        'is not a regular file': () => place.must(['mkfifo', stateFile]),
        'regular file': () => {
          place.write('/run/elsewhere', mine);
          symlinkSync('elsewhere', place.path(stateFile));
        },
        'does not begin with "version 1"': () => {
          place.write(stateFile, '\u0000\u0001\u00ff\nversion 1\nmode run\nend\n');
        },
        'begin with "version 1"': () => {
          place.write(stateFile, '');
        },
        'is larger than 64 KiB': () => {
          place.write(stateFile, mine + `# ${'x'.repeat(10_000_000)}\n`);
        },
      };
      for (const [reason, make] of Object.entries(put)) {
        await make();
        const ran = await esm(place, shell, ['stopping', 'dbus']);
        assert.equal(ran.code, 0);
        assert.match(ran.stderr, new RegExp(`anew: it .*${reason}`));
        assert.equal(said(place), 'boot, dbus stopping', reason);
        assert.equal(statSync(place.path(stateFile)).isFile(), true);
        place.remove(stateFile);
      }
    });

    test('a folder in its place, no folder, a read-only one: an error, at once', async (t) => {
      const place = await PrivatePlace.open(t);
      place.write(`${stateFile}/x`, '');
      const folder = await esm(place, shell, ['stop']);
      assert.equal(folder.code, 1);
      assert.match(folder.stderr, /it is a folder/);
      place.remove(stateFile);

      // The folder is not there yet: another one stands for /run.
      const script = readFileSync(initd('esm'), 'utf8').replaceAll('=/run/', '=/not-mounted/');
      place.write('/run/esm-elsewhere', script);
      const missing = await place.run([...shells[shell], '/run/esm-elsewhere', 'boot']);
      assert.equal(missing.code, 1);
      assert.match(missing.stderr, /Cannot replace \/not-mounted\/esm\.state: .+/);

      await place.must(['mount', '-o', 'remount,ro', '/run']);
      const begin = performance.now();
      const readOnly = await esm(place, shell, ['boot']);
      assert.equal(readOnly.code, 1);
      assert.match(readOnly.stderr, /Read-only file system; the old one is kept/);
      assert.ok(performance.now() - begin < 5_000, 'does not wait for a lock it cannot make');
      assert.equal((await esm(place, shell, ['status'])).code, 3);
    });

    test('without /proc it works all the same', async (t) => {
      const place = await PrivatePlace.open(t);
      // Not even the one below: the file system that carries it is covered.
      const hide = 'mount -t tmpfs tmpfs /proc && exec "$@"';
      const words = [...shells[shell], initd('esm')];
      const wrapped = ['unshare', '--mount', 'sh', '-c', hide, 'sh', ...words];
      place.write('/run/esm.lock', '4194000 17\n');
      const ran = await place.run([...wrapped, 'stopping', 'cron']);
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
      assert.equal(said(place), 'boot, cron stopping');
      assert.equal((await place.run([...wrapped, 'status'])).code, 4);
    });

    test('more than 64 KiB is not written', async (t) => {
      const place = await PrivatePlace.open(t);
      const lines = Array.from({ length: 2_600 }, (_, index) => `daemon daemon${index} up`);
      place.write(stateFile, ['version 1', 'mode run', ...lines, 'end', ''].join('\n'));
      const before = place.read(stateFile);
      const room = 65_536 - before.length - 'daemon  stopping\n'.length;
      await transition(place, shell, 'stopping', 'x'.repeat(Math.min(room, 240)));
      const ran = await fill(place);
      assert.match(ran.stderr, /would be larger than 64 KiB; the old one is kept/);
      assert.ok(statSync(place.path(stateFile)).size <= 65_536);

      async function fill(within: PrivatePlace): ReturnType<typeof esm> {
        for (let index = 0; ; index += 1) {
          const last = await esm(within, shell, ['stopping', `${index}`.padEnd(240, 'y')]);
          if (last.code !== 0) return last;
        }
      }
    });

    test('somebody else may not, and is told', async (t) => {
      const place = await PrivatePlace.open(t);
      await transition(place, shell, 'start');
      const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
      const words = [...nobody, ...shells[shell], initd('esm')];
      for (const word of ['start', 'stop', 'boot']) {
        const ran = await place.run([...words, word]);
        assert.equal(ran.code, 4);
        assert.match(ran.stderr, /only root may/);
      }
      assert.equal((await place.run([...words, 'stopped', 'cron'])).code, 4);
      assert.equal(said(place), 'run');
    });
  });
}
