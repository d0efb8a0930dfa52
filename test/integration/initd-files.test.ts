import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { unpackPackages } from '../helpers/debian-packages.js';
import { initd, PrivatePlace, repository, shells } from '../helpers/private-place.js';
import { downloadPackages } from '../init/lib/packages.js';
import { findProgram } from '../init/lib/places.js';
import { waitFor } from '../helpers/wait-for.js';

/** Files of init.d that a shell reads, by their first line. */
const scripts = readdirSync(join(repository, 'init.d'), { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => name)
  .filter((name) => /^#!|^# shellcheck shell=/.test(readFileSync(initd(name), 'utf8')));

void describe('the files of init.d', () => {
  test('shellcheck has nothing to say', () => {
    assert.ok(scripts.length >= 8, scripts.join(' '));
    const fixture = join(repository, 'test/fixtures/initd/place.sh');
    const files = [...scripts.map((name) => initd(name)), fixture];
    const { status, stdout } = spawnSync('shellcheck', files, { encoding: 'utf8' });
    assert.deepEqual([status, stdout], [0, '']);
  });

  test('every shell can read every script', () => {
    for (const name of scripts) {
      for (const [program, ...words] of Object.values(shells)) {
        execFileSync(program, [...words, '-n', initd(name)]);
      }
    }
  });

  test('esm has a header of the LSB, and asks for no links', () => {
    const header = /### BEGIN INIT INFO\n([^]*)### END INIT INFO/.exec(
      readFileSync(initd('esm'), 'utf8'),
    )?.[1];
    assert.match(header ?? '', /^# Provides: +esm$/m);
    for (const key of ['Required-Start', 'Required-Stop', 'Default-Start', 'Default-Stop']) {
      assert.match(header ?? '', new RegExp(`^# ${key}:$`, 'm'));
    }
    for (const name of ['esm', 'esm-announce', 'esm-inittab']) {
      assert.equal(statSync(initd(name)).mode & 0o111, 0o111, name);
    }
  });

  test('the unit of systemd: its daemons outlive esmd, and esmd outlives them', async (t) => {
    const text = readFileSync(initd('esmd.service'), 'utf8');
    for (const line of [
      'KillMode=process',
      'OOMPolicy=continue',
      'Delegate=yes',
      'Restart=always',
      'RestartSec=0',
      'StartLimitIntervalSec=0',
      'TasksMax=infinity',
      'ExecStartPre=-/etc/init.d/esm start',
      'ExecStart=/usr/sbin/esmd',
    ]) {
      assert.ok(text.split('\n').includes(line), line);
    }
    const place = await PrivatePlace.open(t, 'etc', 'usr');
    // A machine that runs under sysvinit has none.
    if (findProgram('systemd-analyze') === null) {
      await unpackPackages(place, ['systemd_', 'lib'], downloadPackages(['systemd']));
    }
    for (const program of ['/usr/sbin/esmd', '/etc/init.d/esm', '/usr/bin/man']) {
      place.write(program, '#!/bin/sh\n', 0o755);
    }
    place.write('/etc/systemd/system/esmd.service', text);
    const unit = '/etc/systemd/system/esmd.service';
    const { code, stdout, stderr } = await place.run(['systemd-analyze', 'verify', unit]);
    assert.deepEqual([code, stdout, stderr], [0, '', '']);
  });

  test('logrotate copies and empties the log of a process that goes on appending', async (t) => {
    const place = await PrivatePlace.open(t, 'etc', 'usr', 'var');
    await unpackPackages(place, ['logrotate', 'libpopt'], downloadPackages(['logrotate']));
    place.write('/etc/logrotate.d/esmd', readFileSync(initd('esmd.logrotate'), 'utf8'));
    await place.must(['mkdir', '-p', '-m', '0750', '/var/log/esmd']);
    const log = '/var/log/esmd/foo.log';
    // As esmd opens it for a daemon.
    const daemon = place.start(['sh', '-c', `while read -r line; do echo "$line"; done >>${log}`]);
    daemon.stdin.write('one\n');
    await waitFor(() => place.exists(log) && place.read(log) === 'one\n', { what: 'one' });
    const rotate = ['logrotate', '--force', '--state', '/run/state', '/etc/logrotate.d/esmd'];
    await place.must(rotate);
    daemon.stdin.write('two\n');
    await waitFor(() => place.read(log) === 'two\n', { what: 'two, at the beginning of the file' });
    assert.equal(place.read(`${log}.1`), 'one\n');
  });
});
