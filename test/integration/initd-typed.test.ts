import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shellNames, stateFile } from '../helpers/control-script.js';
import { initd, PrivatePlace, shells, type Ran } from '../helpers/private-place.js';

for (const shell of shellNames) {
  void describe(`init.d/esm typed at a terminal, under ${shell}`, () => {
    const script = [...shells[shell], initd('esm')].join(' ');

    /** Runs a line of shell with a pseudo-terminal as stdin, stdout and stderr. */
    const typed = (
      place: PrivatePlace,
      line: string,
      env: Readonly<Record<string, string>> = {},
      around: readonly string[] = [],
    ): Promise<Ran> =>
      place.run([...around, 'script', '-qec', line, '/dev/null'], {
        env: { SHELL: '/bin/sh', ...env },
      });

    test('start, stop and boot are refused', async (t) => {
      const place = await PrivatePlace.open(t);
      for (const word of ['start', 'stop', 'boot']) {
        const ran = await typed(place, `${script} ${word}; exit $?`);
        assert.equal(ran.code, 4);
        assert.match(ran.stdout, /is not to be run from the command line/);
        assert.equal(place.exists(stateFile), false);
      }
    });

    test('--force overrides, before or after', async (t) => {
      const place = await PrivatePlace.open(t);
      assert.equal((await typed(place, `${script} --force start; exit $?`)).code, 0);
      assert.match(place.read(stateFile), /mode run/);
      assert.equal((await typed(place, `${script} stop --force; exit $?`)).code, 0);
      assert.match(place.read(stateFile), /mode shutdown/);
    });

    test('the transitions of a daemon, and what is for the administrator, are not', async (t) => {
      const place = await PrivatePlace.open(t);
      for (const words of ['stopping cron', 'stopped cron', 'started cron']) {
        assert.equal((await typed(place, `${script} ${words}; exit $?`)).code, 0);
      }
      assert.equal((await typed(place, `${script} status; exit $?`)).code, 3);
      assert.equal((await typed(place, `${script} reload; exit $?`)).code, 7);
    });

    test('nothing is, where stdin is no terminal', async (t) => {
      const place = await PrivatePlace.open(t);
      assert.equal((await typed(place, `${script} start </dev/null; exit $?`)).code, 0);
      assert.equal((await typed(place, `true | ${script} stop; exit $?`)).code, 0);
    });

    test('nothing is under init: RUNLEVEL, RC_RUNLEVEL, or PID 1 as the parent', async (t) => {
      const place = await PrivatePlace.open(t);
      for (const name of ['RUNLEVEL', 'RC_RUNLEVEL']) {
        for (const value of ['2', '']) {
          assert.equal((await typed(place, `${script} stop; exit $?`, { [name]: value })).code, 0);
        }
      }
      // PID 1 of a namespace is script(1) here, or the shell that it starts.
      const namespace = ['unshare', '--pid', '--fork', '--mount-proc'];
      assert.equal((await typed(place, `exec ${script} start`, {}, namespace)).code, 0);
      const inner = `exec ${namespace.join(' ')} sh -c '${script} start; exit $?'`;
      assert.equal((await typed(place, inner)).code, 0);
    });

    test('nothing is on the console', async (t) => {
      const place = await PrivatePlace.open(t, 'dev');
      const line = `mount --bind "$(readlink /proc/self/fd/0)" /dev/console && ${script} start; exit $?`;
      const ran = await typed(place, line);
      assert.equal(ran.code, 0, ran.stdout);
      assert.match(place.read(stateFile), /mode run/);
    });
  });
}
