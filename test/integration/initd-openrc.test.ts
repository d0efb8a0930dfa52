import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { said } from '../helpers/control-script.js';
import { unpackPackages } from '../helpers/debian-packages.js';
import { install } from '../helpers/lsb-script.js';
import { initd, PrivatePlace } from '../helpers/private-place.js';
import { downloadPackages } from '../init/lib/packages.js';

/** A machine that OpenRC has booted, with a service "bar" that is the daemon "bard" here. */
async function openrc(context: TestContext, shell = 'dash'): Promise<PrivatePlace> {
  const place = await PrivatePlace.open(context, 'etc', 'usr');
  const packages = ['openrc', 'librc', 'libeinfo'];
  await unpackPackages(place, packages, downloadPackages(['openrc']));
  // Nothing of the host's, whose scripts OpenRC would take for services.
  place.remove('/etc/init.d');
  place.remove('/etc/runlevels');
  await place.must(['mkdir', '-p', '/etc/init.d', '/etc/runlevels/default']);
  // What the first of its scripts makes at boot.
  const states = 'starting started stopping inactive wasinactive failed hotplugged scheduled';
  for (const folder of [...states.split(' '), 'daemons', 'options', 'exclusive', 'tmp']) {
    await place.must(['mkdir', '-p', `/run/openrc/${folder}`]);
  }
  place.write('/run/openrc/softlevel', 'default\n');
  install(place);
  place.remove('/usr/lib/lsb/init-functions.d/50-esm');
  place.write('/etc/rc.conf.d/esm.conf', readFileSync(initd('esm.confd'), 'utf8'));
  place.write('/etc/init.d/esmd', readFileSync(initd('esm.openrc'), 'utf8'), 0o755);
  place.write('/etc/esmd/services/bard.toml', "initscript = 'bar'\n");
  service(place, ':');
  await place.must(['ln', '-sf', shell, '/usr/bin/sh']);
  await place.must(['/etc/init.d/esm', 'start']);
  return place;
}

/** The service notes what the state file says while it is started and stopped. */
function service(place: PrivatePlace, line: string): void {
  const look = `{ echo "$1"; grep bard /run/esm.state; } >>/run/seen`;
  const lines = [
    '#!/sbin/openrc-run',
    `seen() { ${look}; ${line}; }`,
    'start() { seen start; }',
    'stop() { seen stop; }',
  ];
  place.write('/etc/init.d/bar', `${lines.join('\n')}\n`, 0o755);
}

const act = async (place: PrivatePlace, ...words: string[]): Promise<number | null> => {
  place.remove('/run/seen');
  const { code } = await place.run(words, { env: { TERM: 'dumb' } });
  return code;
};
const seen = (place: PrivatePlace): string => place.read('/run/seen');

void describe('OpenRC', () => {
  for (const shell of ['dash', 'busybox', 'bash']) {
    test(`its unchanged scripts announce what they do, under ${shell}`, async (t) => {
      const place = await openrc(t, shell);
      assert.equal(await act(place, '/etc/init.d/bar', 'start'), 0);
      assert.equal(said(place), 'run, bard up');
      assert.equal(await act(place, 'rc-service', 'bar', 'restart'), 0);
      assert.equal(said(place), 'run, bard up');
      assert.equal(seen(place), 'stop\ndaemon bard stopping\nstart\ndaemon bard down\n');
      assert.equal(await act(place, 'rc-service', 'bar', 'stop'), 0);
      assert.equal(seen(place), 'stop\ndaemon bard stopping\n');
      assert.equal(said(place), 'run, bard down');
      await act(place, 'rc-service', 'bar', 'status');
      await act(place, 'rc-update', '-u');
      assert.equal(said(place), 'run, bard down', 'what is no start and no stop says nothing');
    });
  }

  test('a stop that fails leaves a daemon that is being stopped', async (t) => {
    const place = await openrc(t);
    await act(place, 'rc-service', 'bar', 'start');
    service(place, 'return 1');
    assert.equal(await act(place, 'rc-service', 'bar', 'stop'), 1);
    assert.equal(said(place), 'run, bard stopping');
  });

  test('what esmd itself runs is not announced to it', async (t) => {
    const place = await openrc(t);
    await act(place, 'rc-service', 'bar', 'start');
    const esmd = 'echo $$ >/run/esmd.pid; /etc/init.d/bar stop; exit $?';
    assert.equal(await act(place, 'sh', '-c', esmd), 0);
    assert.equal(seen(place), 'stop\ndaemon bard up\n');
    assert.equal(said(place), 'run, bard up');
  });

  test('the script for the run levels says when the machine is up, and when it goes down', async (t) => {
    const place = await openrc(t);
    assert.equal(await act(place, 'rc-update', 'add', 'esmd', 'default'), 0);
    assert.equal(await act(place, 'rc-update', 'add', 'bar', 'default'), 0);
    await place.must(['/etc/init.d/esm', 'boot']);
    // From top to bottom: whatever is in the run level, esmd comes last.
    await act(place, 'openrc', 'default');
    assert.equal(seen(place), 'start\n');
    assert.equal(said(place), 'run');
    assert.equal(await act(place, 'rc-service', 'esmd', 'reload'), 7, 'nothing to reload');
    // Into a run level without either of them: esmd is the first to be stopped.
    await place.must(['mkdir', '-p', '/etc/runlevels/off']);
    await act(place, 'openrc', 'off');
    assert.equal(seen(place), 'stop\ndaemon bard stopping\n');
    assert.equal(said(place), 'shutdown, bard down');
  });
});
