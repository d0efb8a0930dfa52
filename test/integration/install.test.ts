import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { PrivatePlace, repository } from '../helpers/private-place.js';
import { temporaryFolder } from '../helpers/tmp.js';

// What is built is taken as it is: the tests run from it.
const makeWords = ['--directory', repository, '--old-file=build/.done', `NODE=${process.execPath}`];

/** make without the settings of a make that runs us. */
const environment = { PATH: process.env['PATH'], HOME: '/nonexistent' };

function make(...words: string[]): string {
  const run = spawnSync('make', [...makeWords, ...words], { encoding: 'utf8', env: environment });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

/** Regular files below a folder, by their paths in there. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name))}`)
    .toSorted();
}

const isOurs = (path: string): boolean => !path.includes('/node_modules/');

void describe('make install', () => {
  test('puts everything below DESTDIR, readable for all and writable for the owner', (t) => {
    const root = temporaryFolder(t);
    make('install', `DESTDIR=${root}`, 'openrcconfdir=/etc/rc.conf.d', 'systemdunitdir=/usr/lib/u');
    const files = filesIn(root).filter(isOurs);
    for (const path of [
      '/etc/init.d/esm',
      '/etc/init.d/esmd',
      '/etc/logrotate.d/esmd',
      '/etc/rc.conf.d/esm.conf',
      '/lib/lsb/init-functions.d/50-esm',
      '/usr/lib/esmd/esm-announce',
      '/usr/lib/esmd/licenses',
      '/usr/lib/esmd/package.json',
      '/usr/lib/esmd/esmctl.js',
      '/usr/lib/esmd/esmd.js',
      '/usr/lib/u/esmd.service',
      '/usr/sbin/esm-inittab',
      '/usr/sbin/esmctl',
      '/usr/sbin/esmd',
      '/usr/share/doc/esmd/examples/esm.inittab',
      '/usr/share/doc/esmd/examples/services/rsyslogd.toml',
      '/usr/share/man/man5/esmd.toml.5',
      '/usr/share/man/man8/esmd.8',
    ]) {
      assert.ok(files.includes(path), path);
    }
    assert.deepEqual(
      files.filter((path) => path.startsWith('/etc/esmd/')),
      [],
      'nothing active',
    );
    assert.deepEqual(readdirSync(join(root, 'etc/esmd')), ['services']);
    assert.deepEqual(
      files.filter((path) => /\.(?:ts|map|new|tsbuildinfo)$/.test(path)),
      [],
    );
    const modes: Record<string, number> = {
      '/etc/esmd/services': 0o755,
      '/var/log/esmd': 0o750,
      '/usr/sbin/esmd': 0o755,
      '/etc/init.d/esm': 0o755,
      '/lib/lsb/init-functions.d/50-esm': 0o644,
      '/etc/logrotate.d/esmd': 0o644,
      '/usr/lib/esmd/esmd.js': 0o644,
    };
    for (const [path, mode] of Object.entries(modes)) {
      assert.equal(statSync(join(root, path)).mode & 0o7777, mode, path);
    }
    for (const path of filesIn(root)) {
      const { uid, mode } = statSync(join(root, path));
      assert.deepEqual([uid, mode & 0o022], [process.getuid?.(), 0], path);
    }
    for (const path of files) {
      const text = readFileSync(join(root, path), 'utf8');
      for (const stranger of [root, repository]) assert.ok(!text.includes(stranger), path);
    }
  });

  test('what runs needs nothing else: no development packages, no network', (t) => {
    const root = temporaryFolder(t);
    make('install', `DESTDIR=${root}`);
    const folder = join(root, 'usr/lib/esmd');
    const separate = ['koffi', 'systeminformation'];
    const imports = separate.map((name) => `await import('${name}');`);
    writeFileSync(join(folder, 'probe.mjs'), imports.join('\n'));
    execFileSync(process.execPath, [join(folder, 'probe.mjs')]);
    const { dependencies } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const licenses = readFileSync(join(folder, 'licenses'), 'utf8');
    for (const name of Object.keys(dependencies).filter((each) => !separate.includes(each))) {
      assert.match(licenses, new RegExp(`^${name}\n(?:.*\n){0,5}.*Copyright`, 'm'));
      assert.equal(existsSync(join(folder, 'node_modules', name)), false, 'in the bundle');
    }
    for (const name of ['typescript', 'eslint', 'prettier']) {
      assert.equal(existsSync(join(folder, 'node_modules', name)), false);
    }
    assert.match(make('installcheck', `DESTDIR=${root}`), /^\d+\.\d+\.\d+\n.*\n?\d+\.\d+\.\d+$/m);
  });

  test('other prefixes are written into everything that is installed', (t) => {
    const root = temporaryFolder(t);
    const places = ['prefix=/opt/x', 'sysconfdir=/opt/etc', 'localstatedir=/opt/var'];
    make('install', `DESTDIR=${root}`, ...places, 'rundir=/opt/run', 'openrcconfdir=/opt/rc');
    const defaults =
      /(?:^|[^a-z.])\/(?:usr\/(?:lib|sbin)\/es|run\/esm|etc\/(?:esmd|init\.d\/esm)|var\/log\/esmd)/m;
    const settled = filesIn(root).filter(isOurs);
    assert.ok(settled.length > 15);
    for (const path of settled) {
      assert.doesNotMatch(readFileSync(join(root, path), 'utf8'), defaults, path);
    }
    assert.match(
      readFileSync(join(root, 'lib/lsb/init-functions.d/50-esm'), 'utf8'),
      /-w \/opt\/run /,
    );
    const library = join(root, 'opt/x/lib/esmd');
    const said = spawnSync(process.execPath, [join(library, 'esmctl.js'), 'check'], {
      encoding: 'utf8',
    });
    assert.match(said.stdout + said.stderr, /\/opt\/etc\/esmd/);
    const wrapper = readFileSync(join(root, 'opt/x/sbin/esmd'), 'utf8');
    assert.ok(wrapper.includes(`\nnode=${process.execPath}\nmain=/opt/x/lib/esmd/esmd.js\n`));
  });

  test('again, over what is there: nothing of the old one is left in between or behind', (t) => {
    const root = temporaryFolder(t);
    make('install', `DESTDIR=${root}`);
    const before = filesIn(root);
    writeFileSync(join(root, 'usr/lib/esmd/left-over.js'), '');
    make('install', `DESTDIR=${root}`);
    assert.deepEqual(filesIn(root), before);
  });

  test('uninstall takes away what install brought, and leaves configuration and logs', (t) => {
    const root = temporaryFolder(t);
    const where = [`DESTDIR=${root}`, 'openrcconfdir=/etc/rc.conf.d', 'systemdunitdir=/usr/lib/u'];
    make('install', ...where);
    const mine = ['etc/esmd/services/cron.toml', 'var/log/esmd/cron.log', 'usr/sbin/other'];
    for (const path of mine) writeFileSync(join(root, path), 'mine');
    writeFileSync(join(root, 'etc/logrotate.d/esmd'), 'changed');
    writeFileSync(join(root, 'etc/inittab'), 'es:2345:respawn:/usr/sbin/esmd -a\n');
    const refused = spawnSync('make', [...makeWords, 'uninstall', ...where], { env: environment });
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr.toString(), /still runs esmd; .*esm-inittab remove/);
    assert.ok(existsSync(join(root, 'usr/sbin/esmd')));

    writeFileSync(join(root, 'etc/inittab'), '#es:2345:respawn:/usr/sbin/esmd\n');
    make('uninstall', ...where);
    const left = [...mine, 'etc/inittab', 'etc/logrotate.d/esmd'].map((path) => `/${path}`);
    assert.deepEqual(filesIn(root), left.toSorted());
  });

  test('on this machine: the installed programs answer, and init scripts announce', async (t) => {
    const place = await PrivatePlace.open(t, 'etc', 'usr', 'var');
    await place.must(['make', ...makeWords, 'install'], { env: { PATH: environment.PATH ?? '' } });
    await place.must(['make', ...makeWords, 'installcheck']);
    const version = await place.must(['/usr/sbin/esmctl', '--version']);
    assert.equal(await place.must(['/usr/sbin/esmd', '--version']), version);
    // Started by somebody who is not init: at once, and with its code for that.
    assert.equal((await place.run(['/usr/sbin/esmd'])).code, 77);

    place.write('/etc/esmd/services/food.toml', 'initscript = "foo"\n');
    place.write('/etc/init.d/foo', '#!/bin/sh\n. /lib/lsb/init-functions\n', 0o755);
    await place.must(['/etc/init.d/esm', 'start']);
    await place.must(['/etc/init.d/foo', 'stop']);
    assert.match(place.read('/run/esm.state'), /^daemon food down$/m);
  });
});
