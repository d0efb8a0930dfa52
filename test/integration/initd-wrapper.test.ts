import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, test, type TestContext } from 'node:test';
import { shellNames, type Shell } from '../helpers/control-script.js';
import { initd, PrivatePlace, shells, type Ran } from '../helpers/private-place.js';
import { waitFor } from '../helpers/wait-for.js';

const programs = { esmd: '/usr/lib/esmd/esmd.js', esmctl: '/usr/lib/esmd/esmctl.js' };

/** What each program says in place of the real one. */
const says = `
const { readFileSync } = require('node:fs');
const { argv, execArgv, env, pid } = process;
const soft = /^Max open files +(\\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1];
process.stdout.write(JSON.stringify({ argv, execArgv, env, pid, soft, cwd: process.cwd() }) + '\\n');
if (argv.includes('spin')) for (;;);
`;

type Said = Readonly<{
  argv: string[];
  execArgv: string[];
  env: Record<string, string>;
  pid: number;
  soft: string;
  cwd: string;
}>;

/** The wrappers as they are installed, before the stand-ins. */
async function wrappers(context: TestContext, node = process.execPath): Promise<PrivatePlace> {
  const place = await PrivatePlace.open(context, 'usr');
  place.write('/usr/lib/esmd/package.json', '{ "type": "commonjs" }');
  for (const [name, main] of Object.entries(programs)) {
    const text = readFileSync(initd(`${name}.wrapper.in`), 'utf8');
    place.write(`/usr/sbin/${name}`, text.replace(/^node=.*/m, `node=${node}`), 0o755);
    place.write(main, says);
  }
  return place;
}

const run = (
  place: PrivatePlace,
  shell: Shell,
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> => place.run([...shells[shell], ...words], { env, directory: '/tmp' });

for (const shell of shellNames) {
  void describe(`the wrappers, under ${shell}`, () => {
    test('hand their arguments on, and nothing that steers Node', async (t) => {
      const place = await wrappers(t);
      const hostile = {
        NODE_OPTIONS: '--require /nowhere.js',
        NODE_PATH: '/nowhere',
        NODE_EXTRA_CA_CERTS: '/nowhere',
        NODE_CHANNEL_FD: '0',
        NODE_V8_COVERAGE: '/run/coverage',
      };
      for (const [name, main] of Object.entries(programs)) {
        const words = ['-r', '30', 'a b', '', '*'];
        const env = { ...hostile, LANG: 'C' };
        const ran = await run(place, shell, [`/usr/sbin/${name}`, ...words], env);
        assert.deepEqual([ran.code, ran.stderr], [0, '']);
        const said = JSON.parse(ran.stdout) as Said;
        assert.deepEqual(said.argv.slice(1), [main, ...words]);
        assert.deepEqual(
          Object.keys(said.env).filter((key) => key.startsWith('NODE_')),
          [],
        );
        assert.equal(said.env['LANG'], 'C');
        assert.equal(said.cwd, name === 'esmd' ? '/' : '/tmp', 'esmctl is given relative paths');
      }
      assert.equal(place.exists('/run/coverage'), false);
    });

    test('esmd takes the place of its wrapper, so that it is the child of init', async (t) => {
      const place = await wrappers(t);
      const words = shells[shell].join(' ');
      const { stdout } = await place.run(['sh', '-c', `echo $$; exec ${words} /usr/sbin/esmd`]);
      const [pid, said = ''] = stdout.split('\n');
      assert.equal((JSON.parse(said) as Said).pid, Number(pid));
    });

    test('the soft limit of open files is handed on: Node raises its own', async (t) => {
      const place = await wrappers(t);
      const limited = 'ulimit -Sn 777; exec "$@"';
      const words = ['sh', '-c', limited, 'sh', ...shells[shell], '/usr/sbin/esmd'];
      const said = JSON.parse(await place.must(words)) as Said;
      assert.equal(said.env['ESMD_NOFILE'], '777');
      assert.ok(Number(said.soft) > 777, said.soft);
    });

    test('USR1 opens no debugger, whenever it comes', async (t) => {
      const place = await wrappers(t);
      const child = place.start([...shells[shell], '/usr/sbin/esmd', 'spin']);
      let stderr = '';
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      const line = await new Promise<string>((resolve) =>
        createInterface(child.stdout).once('line', resolve),
      );
      const { pid } = JSON.parse(line) as Said;
      await place.must(['kill', '-USR1', String(pid)]);
      await waitFor(() => stderr.includes('inspector on 192.0.2.1:9229 failed'), {
        what: 'failure',
      });
      const listening = / [0-9A-F]+:240D [0-9A-F:]+ 0A /;
      assert.doesNotMatch(place.read(`/proc/${pid}/net/tcp`), listening);
      assert.equal(child.exitCode, null, 'and it goes on');
    });

    const broken: [what: string, node: string, says: RegExp][] = [
      ['is missing', '/usr/bin/no-node', /\/usr\/bin\/no-node is missing or not executable/],
      [
        'is too old',
        '/usr/bin/old',
        /\/usr\/bin\/old is v20\.18\.3, and has to be 20\.19 or later/,
      ],
      ['is much too old', '/usr/bin/older', /is v18\.20\.4, and has to be/],
      ['does not run', '/usr/bin/broken', /\/usr\/bin\/broken does not run/],
    ];
    for (const [what, node, expected] of broken) {
      test(`Node ${what}: said, and under init not in a quick loop`, async (t) => {
        const place = await wrappers(t, node);
        place.write('/usr/bin/old', '#!/bin/sh\necho v20.18.3\n', 0o755);
        place.write('/usr/bin/older', '#!/bin/sh\necho v18.20.4\n', 0o755);
        place.write('/usr/bin/broken', '#!/bin/sh\nexit 127\n', 0o755);
        // Nobody waits in a test; and a syslog that hangs may not be waited for. By their paths, as
        // busybox ash would take applets of its own.
        const wait = 'until [ -e /run/log ]; do /usr/bin/sleep 0.01; done';
        place.write('/run/sleep', `#!/bin/sh\necho "slept $1" >>/run/notes\n${wait}\n`, 0o755);
        const hang = 'echo "$@" >/run/log.new; mv /run/log.new /run/log; exec tail -f';
        place.write('/run/logger', `#!/bin/sh\n${hang}\n`, 0o755);
        const text = place.read('/usr/sbin/esmd').replace(/^ +(?=sleep |logger )/gm, '  /run/');
        place.write('/usr/sbin/esmd', text, 0o755);

        const typed = await run(place, shell, ['/usr/sbin/esmd']);
        assert.equal(typed.code, 78);
        assert.match(typed.stderr, expected);
        assert.equal(place.exists('/run/notes'), false, 'whoever types it need not wait');

        const words = [...shells[shell], '/usr/sbin/esmd'].join(' ');
        const init = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
        const line = `${words}; echo "code $?"; cat /run/log`;
        const ran = await place.run([...init, 'sh', '-c', line]);
        assert.match(ran.stdout, /^code 78\n/);
        assert.match(ran.stdout, /-p daemon\.emerg .*Cannot start: /);
        assert.match(ran.stdout, expected);
        // sysvinit: ten starts within 120 s.
        assert.ok(Number(/slept (\d+)/.exec(place.read('/run/notes'))?.[1]) > 13);
      });
    }

    test('esmd itself is missing', async (t) => {
      const place = await wrappers(t);
      for (const [name, main] of Object.entries(programs)) {
        place.remove(main);
        const ran = await run(place, shell, [`/usr/sbin/${name}`]);
        assert.equal(ran.code, 78);
        assert.match(ran.stderr, new RegExp(`Cannot start: .*${main}`));
      }
    });
  });
}
