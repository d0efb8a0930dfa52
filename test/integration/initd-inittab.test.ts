import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { shellNames } from '../helpers/control-script.js';
import { initd, shells } from '../helpers/private-place.js';
import { temporaryFolder } from '../helpers/tmp.js';
import { downloadPackages, packageFile } from '../init/lib/packages.js';

/** The inittab of Debian's sysvinit, as its package brings it. */
function debianInittab(): string {
  const archive = execFileSync('dpkg-deb', [
    '--fsys-tarfile',
    packageFile(downloadPackages(), 'sysvinit-core'),
  ]);
  return execFileSync('tar', ['-xO', './usr/share/sysvinit/inittab'], {
    input: archive,
  }).toString();
}

const alpine = `# /etc/inittab
::sysinit:/sbin/openrc sysinit
::sysinit:/sbin/openrc boot
::wait:/sbin/openrc default

# Set up a couple of getty's
tty1::respawn:/sbin/getty 38400 tty1
#::shutdown:/bin/true
::ctrlaltdel:/sbin/reboot
::shutdown:/sbin/openrc shutdown
`;

/** The lines that are no comments, in their order. */
const entries = (text: string): string[] => text.split('\n').filter((line) => /^[^#]/.test(line));

const without = (text: string, lines: readonly string[]): string[] =>
  entries(text).filter((line) => !lines.includes(line));

/** The lines of a sample, which esm-inittab has to put in. */
const sample = (name: string): string[] => entries(readFileSync(initd(name), 'utf8'));

for (const shell of shellNames) {
  void describe(`esm-inittab, under ${shell}`, () => {
    const run = (...words: string[]): ReturnType<typeof spawnSync> => {
      const [program, ...rest] = shells[shell];
      return spawnSync(program, [...rest, initd('esm-inittab'), ...words], { encoding: 'utf8' });
    };
    const must = (...words: string[]): string => {
      const { status, stdout, stderr } = run(...words);
      assert.equal(status, 0, String(stderr));
      return String(stdout);
    };

    test('sysvinit: the lines of the sample, in the order that holds', (t) => {
      const file = join(temporaryFolder(t), 'inittab');
      const before = debianInittab();
      writeFileSync(file, before, { mode: 0o640 });
      assert.match(must('add', file), /changed for sysvinit; "telinit q"/);
      const after = entries(readFileSync(file, 'utf8'));
      const at = (id: string): number => after.findIndex((line) => line.startsWith(`${id}:`));
      assert.ok(at('si') < at('ek') && at('ek') < at('l0'), 'ek before l0');
      assert.ok(at('l1') < at('es') && at('es') < at('l2'), 'es before l2');
      assert.equal(at('em'), at('l5') + 1, 'em after l5');
      const ours = sample('esm.inittab');
      assert.deepEqual(after.filter((line) => ours.includes(line)).toSorted(), ours.toSorted());
      assert.deepEqual(without(readFileSync(file, 'utf8'), ours), entries(before), 'nothing else');
      assert.ok(ours.every((line) => line.length < 127));

      assert.equal(statSync(file).mode & 0o777, 0o640);
      assert.equal(readFileSync(`${file}.before-esm`, 'utf8'), before);
      assert.match(must('add', file), /nothing to change/);
      must('remove', file);
      assert.equal(readFileSync(file, 'utf8'), before);
      assert.match(must('remove', file), /nothing to change/);
      assert.deepEqual(readdirSync(join(file, '..')).toSorted(), ['inittab', 'inittab.before-esm']);
    });

    test('busybox: no ids, and each kind of line at its place', (t) => {
      const file = join(temporaryFolder(t), 'inittab');
      writeFileSync(file, alpine);
      assert.match(must('add', file), /changed for busybox; "kill -HUP 1"/);
      const after = entries(readFileSync(file, 'utf8'));
      const ours = sample('esm.inittab.busybox');
      const [wait = '', respawn = '', shutdown = ''] = ours;
      assert.equal(after.indexOf(wait), after.indexOf('::wait:/sbin/openrc default') + 1);
      assert.equal(after.indexOf(shutdown), after.indexOf('::shutdown:/sbin/openrc shutdown') - 1);
      assert.ok(after.includes(respawn));
      must('remove', file);
      assert.equal(readFileSync(file, 'utf8'), alpine);
    });

    test('a container has almost nothing in its inittab', (t) => {
      const file = join(temporaryFolder(t), 'inittab');
      writeFileSync(file, '');
      must('add', file);
      assert.deepEqual(entries(readFileSync(file, 'utf8')), sample('esm.inittab.busybox'));
      must('remove', file);
      assert.equal(readFileSync(file, 'utf8'), '');
    });

    test('the options of esmd stay, and a file that is a link stays one', (t) => {
      const folder = temporaryFolder(t);
      const file = join(folder, 'inittab');
      const link = join(folder, 'link');
      writeFileSync(file, debianInittab());
      symlinkSync('inittab', link);
      must('add', link);
      const text = readFileSync(file, 'utf8').replace('/usr/sbin/esmd', '/usr/sbin/esmd -a -r 60');
      writeFileSync(file, text.replace(/^ek:.*\n/m, ''));
      must('add', link);
      assert.equal(readFileSync(file, 'utf8'), text, 'what was missing is put in again');
      must('remove', link);
      assert.equal(readFileSync(link, 'utf8'), debianInittab());
    });

    test('an id that another entry has is not taken, and nothing is changed', (t) => {
      const file = join(temporaryFolder(t), 'inittab');
      const text = `${debianInittab()}em:2345:respawn:/usr/local/bin/emulator\n`;
      writeFileSync(file, text);
      const { status, stderr } = run('add', file);
      assert.equal(status, 1);
      assert.match(String(stderr), /the id em is taken/);
      assert.equal(readFileSync(file, 'utf8'), text);
      assert.deepEqual(readdirSync(join(file, '..')), ['inittab']);
    });

    test('what it does not know is answered with its usage', (t) => {
      const folder = temporaryFolder(t);
      for (const words of [[], ['put'], ['add', 'a', 'b'], ['--help']]) {
        assert.equal(run(...words).status, 2);
      }
      assert.equal(run('add', join(folder, 'none')).status, 1);
      assert.equal(run('add', folder).status, 1);
    });
  });
}
