import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { esm, said, shellNames, stateFile, transition } from '../helpers/control-script.js';
import { initd, PrivatePlace, shells } from '../helpers/private-place.js';

for (const shell of shellNames) {
  void describe(`init.d/esm under ${shell}`, () => {
    test('the modes and what each keeps', async (t) => {
      const place = await PrivatePlace.open(t);
      const go = (...words: string[]): Promise<void> => transition(place, shell, ...words);

      await go('boot');
      assert.equal(said(place), 'boot');
      await go('started', 'evmd');
      await go('stopping', 'rsyslogd');
      await go('stopped', 'cron');
      assert.equal(said(place), 'boot, evmd up, rsyslogd stopping, cron down');
      await go('start');
      assert.equal(said(place), 'run, rsyslogd stopping, cron down', 'start keeps those two only');
      await go('stop');
      assert.equal(said(place), 'shutdown', 'stop drops every daemon');
      await go('stopped', 'cron');
      await go('start');
      assert.equal(said(place), 'run, cron down', 'said since the last stop');
      await go('boot');
      assert.equal(said(place), 'boot', 'boot drops every daemon');
    });

    test('the transitions of one daemon replace its line and move it to the end', async (t) => {
      const place = await PrivatePlace.open(t);
      await transition(place, shell, 'start');
      for (const word of ['stopping', 'stopped', 'started']) {
        await transition(place, shell, word, 'rsyslogd');
        await transition(place, shell, word, 'sys.log@d-1_');
      }
      assert.equal(said(place), 'run, rsyslogd up, sys.log@d-1_ up');
      await transition(place, shell, 'stopping', 'rsyslogd');
      assert.equal(said(place), 'run, sys.log@d-1_ up, rsyslogd stopping');
      await transition(place, shell, 'started', 'sysXlog@d-1_');
      assert.equal(
        said(place),
        'run, sys.log@d-1_ up, rsyslogd stopping, sysXlog@d-1_ up',
        'a dot is a dot',
      );
    });

    test('before anybody has said a mode, the machine boots', async (t) => {
      const place = await PrivatePlace.open(t);
      await transition(place, shell, 'started', 'evmd');
      assert.equal(said(place), 'boot, evmd up');
    });

    test("the file is root's, mode 0644 whatever the umask, and nothing else is left", async (t) => {
      const place = await PrivatePlace.open(t);
      const umask = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
      await place.must([...umask, ...shells[shell], initd('esm'), 'start']);
      const { mode, uid } = statSync(place.path(stateFile));
      assert.equal(mode & 0o7777, 0o644);
      assert.equal(uid, 0);
      assert.match(place.read(stateFile), /\nend\n$/);
      const left = readdirSync(place.path('/run')).filter((name) => name.startsWith('esm'));
      assert.deepEqual(left, ['esm.state']);
    });

    test('names that are none are refused, and change nothing', async (t) => {
      const place = await PrivatePlace.open(t);
      await transition(place, shell, 'start');
      const hostile = ['', '-x', '.hidden', '../../etc/passwd', 'a b', 'a\nmode shutdown', 'a/b'];
      const worse = ['$(reboot)', '*', 'a;b', "a'b", 'a"b', 'naïve', '\u0001', 'a'.repeat(241)];
      for (const name of [...hostile, ...worse]) {
        for (const word of ['started', 'stopping', 'stopped']) {
          const ran = await esm(place, shell, [word, name]);
          assert.equal(ran.code, 2, `${word} ${JSON.stringify(name)}`);
          assert.match(ran.stderr, /NAME has to be/);
        }
      }
      await transition(place, shell, 'stopped', 'a'.repeat(240));
      assert.equal(said(place), `run, ${'a'.repeat(240)} down`);
    });

    test('what it does not know is answered with its usage and code 2', async (t) => {
      const place = await PrivatePlace.open(t);
      const wrong = [[], ['restart'], ['start', 'x'], ['started'], ['stopped', 'a', 'b'], ['-h']];
      for (const words of [...wrong, ['--force'], ['status', 'x'], ['boot', '--forced']]) {
        const ran = await esm(place, shell, words);
        assert.equal(ran.code, 2, words.join(' '));
        assert.match(ran.stderr, /^Usage: /);
      }
      assert.equal(place.exists(stateFile), false);
    });
  });
}
