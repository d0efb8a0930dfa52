import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { said, stateFile } from '../helpers/control-script.js';
import { unpackPackages } from '../helpers/debian-packages.js';
import { install } from '../helpers/lsb-script.js';
import { PrivatePlace } from '../helpers/private-place.js';
import { waitFor } from '../helpers/wait-for.js';

/** What a daemon of Debian's is called there, and here: the names need not be the same. */
const daemons = {
  rsyslog: { service: 'rsyslogd', pidFile: '/run/rsyslogd.pid' },
  cron: { service: 'cron', pidFile: '/run/crond.pid' },
} as const;

type Script = keyof typeof daemons;

/** Debian's own scripts, daemons and functions, unchanged, with our hook beside them. */
async function debian(context: Parameters<typeof PrivatePlace.open>[0]): Promise<PrivatePlace> {
  const place = await PrivatePlace.open(context, 'etc', 'usr', 'var', 'dev');
  await unpackPackages(place, ['rsyslog_', 'orphan-sysvinit-scripts_', 'cron', 'lib']);
  // The kernel's messages and the host's jobs are not ours to take.
  await place.must(['sed', '-i', '/imklog/d', '/etc/rsyslog.conf']);
  place.remove('/etc/crontab');
  await place.must(['find', '/etc/cron.d', '/var/spool/cron', '-type', 'f', '-delete']);
  const script = readFileSync(place.path('/usr/share/orphan-sysvinit-scripts/rsyslog'), 'utf8');
  place.write('/etc/init.d/rsyslog', script, 0o755);
  chmodSync(place.path('/etc/init.d/cron'), 0o755);
  install(place);
  for (const [name, { service, pidFile }] of Object.entries(daemons)) {
    place.write(
      `/etc/esmd/services/${service}.toml`,
      `start = ["/etc/init.d/${name}", "start"]\ninitscript = "${name}"\npidfile = "${pidFile}"\n`,
    );
  }
  await place.must(['/etc/init.d/esm', 'start']);
  return place;
}

const pidOf = (place: PrivatePlace, script: Script): string =>
  place.read(daemons[script].pidFile).trim();

// Most of the time they wait.
void describe(
  'the unchanged init scripts of Debian announce what they do',
  { concurrency: true },
  () => {
    for (const script of ['rsyslog', 'cron'] as const) {
      const { service } = daemons[script];

      test(`${script}: start, stop, restart, and what a package upgrade does`, async (t) => {
        const place = await debian(t);
        const act = async (...words: string[]): Promise<void> => {
          const ran = await place.run(words, { env: { TERM: 'dumb' } });
          assert.equal(ran.code, 0, `${words.join(' ')}: ${ran.stdout}${ran.stderr}`);
          assert.equal(ran.stderr, '', words.join(' '));
        };
        const path = `/etc/init.d/${script}`;
        const isUp = `run, ${service} up`;

        await act(path, 'start');
        assert.equal(said(place), isUp);
        const first = pidOf(place, script);
        await act(path, 'restart');
        assert.equal(said(place), isUp);
        assert.notEqual(pidOf(place, script), first);
        const second = pidOf(place, script);
        await act(path, 'force-reload');
        assert.equal(said(place), isUp);
        if (script === 'rsyslog') {
          // As its package does it, when another one has changed its modules.
          await act(path, 'try-restart');
          assert.notEqual(pidOf(place, script), second);
        }
        await act(path, 'status');
        assert.equal(said(place), isUp);

        await act('service', script, 'stop');
        assert.equal(said(place), `run, ${service} down`);
        await act(path, 'stop');
        assert.equal(said(place), `run, ${service} down`, 'a second time');
        if (script === 'rsyslog') {
          await place.run([path, 'try-restart']);
          assert.equal(said(place), `run, ${service} down`, 'nothing is started that was stopped');
        } else {
          await act(path, 'force-reload');
          assert.equal(said(place), `run, ${service} down`, 'its force-reload starts nothing');
        }
        await act('service', script, 'start');
        assert.equal(said(place), isUp);
      });

      test(`${script}: the stop is announced before the daemon ends`, async (t) => {
        const place = await debian(t);
        await place.must([`/etc/init.d/${script}`, 'start']);
        const pid = pidOf(place, script);
        // It cannot end before it is continued: so long the script is in the middle of its stop.
        await place.must(['kill', '-STOP', pid]);
        const stop = place.start(['service', script, 'stop']);
        await waitFor(() => said(place) === `run, ${service} stopping`, { what: 'stopping' });
        assert.equal(place.exists(`/proc/${pid}`), true);
        await place.must(['kill', '-CONT', pid]);
        await waitFor(() => stop.exitCode !== null, { what: 'the end of the script' });
        assert.equal(said(place), `run, ${service} down`);
      });
    }

    test('at boot and at shutdown, by the links of the run levels', async (t) => {
      const place = await debian(t);
      await place.must(['mkdir', '-p', '/etc/rc0.d', '/etc/rc2.d']);
      for (const [script, { service }] of Object.entries(daemons)) {
        await place.must(['ln', '-s', `../init.d/${script}`, `/etc/rc2.d/S01${script}`]);
        await place.must(['ln', '-s', `../init.d/${script}`, `/etc/rc0.d/K01${script}`]);
        place.remove(stateFile);
        await place.must([`/etc/rc2.d/S01${script}`, 'start']);
        assert.equal(said(place), `boot, ${service} up`);
        await place.must(['/etc/init.d/esm', 'start']);
        await place.must(['/etc/init.d/esm', 'stop']);
        await place.must([`/etc/rc0.d/K01${script}`, 'stop']);
        assert.equal(said(place), `shutdown, ${service} down`);
      }
    });

    test('where systemd is, what is typed is handed to it, and it is asked, not we', async (t) => {
      const place = await debian(t);
      // 40-systemd comes first: it ends the script before anything was announced.
      place.write('/run/systemd/system/.keep', '');
      place.write(
        '/usr/lib/lsb/init-functions.d/40-systemd',
        'if [ "$PPID" -ne 1 ] && [ -z "${SYSTEMCTL_SKIP_REDIRECT:-}" ]; then echo redirected; exit 0; fi\n',
      );
      const before = place.read(stateFile);
      assert.match(await place.must(['/etc/init.d/cron', 'stop']), /redirected/);
      assert.equal(place.read(stateFile), before);
      await place.must(['/etc/init.d/cron', 'stop'], { env: { SYSTEMCTL_SKIP_REDIRECT: '1' } });
      assert.equal(said(place), 'run, cron down');
    });
  },
);
