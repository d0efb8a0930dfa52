import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shellNames } from '../helpers/control-script.js';
import { LsbPlace, note } from '../helpers/lsb-script.js';

const foo = '/etc/init.d/foo';
const does = note('script $1');

for (const shell of shellNames) {
  void describe(`the hook of LSB scripts, under ${shell}`, () => {
    /** What is noted, the exit status, and everything that was printed. */
    const act = async (
      lsb: LsbPlace,
      verb: string,
    ): Promise<readonly [readonly string[], number | null, string]> => {
      const { noted, code, stdout, stderr } = await lsb.run(shell, [foo, verb]);
      return [noted, code, stdout + stderr];
    };

    test('announces what a script does, before and after, and nothing else', async (t) => {
      const lsb = await LsbPlace.open(t);
      lsb.service('food', 'foo');
      lsb.script('foo', `${does}; echo said; exit "\${2:-0}"`);
      const run = async (
        ...words: string[]
      ): Promise<readonly [readonly string[], number | null]> => {
        const { noted, code, stdout, stderr } = await lsb.run(shell, [foo, ...words]);
        assert.deepEqual([stdout, stderr], ['said\n', '']);
        return [noted, code];
      };
      const stopping = 'esm stopping food';
      const stopped = 'esm stopped food';
      const started = 'esm started food';
      assert.deepEqual(await run('stop'), [[stopping, 'script stop', stopped], 0]);
      assert.deepEqual(await run('force-stop'), [[stopping, 'script force-stop', stopped], 0]);
      assert.deepEqual(await run('start'), [['script start', started], 0]);
      assert.deepEqual(await run('restart'), [[stopping, 'script restart', started], 0]);
      // A stop that failed leaves a daemon that is being stopped, a start that failed leaves what was.
      assert.deepEqual(await run('stop', '3'), [[stopping, 'script stop'], 3]);
      assert.deepEqual(await run('start', '1'), [['script start'], 1]);
      assert.deepEqual(await run('restart', '7'), [[stopping, 'script restart', started], 7]);
      for (const verb of ['status', 'reload', 'rotate', 'stopp', '']) {
        assert.deepEqual(await run(verb), [[`script ${verb}`], 0]);
      }
    });

    test('every service that names the script, and no other', async (t) => {
      const lsb = await LsbPlace.open(t);
      lsb.service('food', 'foo');
      lsb.service('helper', 'foo');
      lsb.service('bar', 'foo2');
      lsb.service('foo', 'fo');
      lsb.script('foo', does);
      const [noted] = await act(lsb, 'stop');
      const at = noted.indexOf('script stop');
      assert.deepEqual(noted.slice(0, at).toSorted(), ['esm stopping food', 'esm stopping helper']);
      assert.deepEqual(noted.slice(at + 1).toSorted(), ['esm stopped food', 'esm stopped helper']);
      lsb.script('bar', does);
      assert.deepEqual((await lsb.run(shell, ['/etc/init.d/bar', 'stop'])).noted, ['script stop']);
    });

    test('by whatever name the script is run', async (t) => {
      const lsb = await LsbPlace.open(t);
      lsb.service('food', 'foo');
      lsb.script('foo', does);
      const expected = ['esm stopping food', 'script stop', 'esm stopped food'];
      await lsb.place.must(['mkdir', '-p', '/etc/rc0.d', '/etc/rcS.d']);
      for (const link of ['/etc/rc0.d/K01foo', '/etc/rcS.d/S20foo']) {
        await lsb.place.must(['ln', '-s', '../init.d/foo', link]);
        assert.deepEqual((await lsb.run(shell, [link, 'stop'])).noted, expected, link);
      }
      const relative = await lsb.run(shell, ['./foo', 'stop'], { directory: '/etc/init.d' });
      assert.deepEqual(relative.noted, expected);
      if (shell === 'busybox ash') return;
      // init-d-script(5): the script is its argument. It has to come by the hooks with run-parts(8).
      const declared = `DAEMON=none\ndo_stop_override() { ${note('script stop')}; }\n`;
      lsb.place.write(foo, `#!/lib/init/init-d-script\n${declared}`, 0o755);
      const library = await lsb.run(shell, ['/lib/init/init-d-script', foo, 'stop']);
      assert.deepEqual(library.noted, expected);
    });

    test('the exit status and "set -eu" of the script are its own', async (t) => {
      const lsb = await LsbPlace.open(t);
      lsb.service('food', 'foo');
      const hostile = {
        'set -eu\nfalse\nexit 0': 1,
        '(exit 9)': 9,
        'set -e; IFS=:; set -f; exit 4': 4,
        'exec >&- 2>&- <&-; exit 5': 5,
        'f() { exit 6; }; x=$(echo y); true | false || :; sleep 0 & wait; f': 6,
        '. /lib/lsb/init-functions; exit 2': 2,
        'unset PATH; exit 8': 8,
        'cd /tmp; exit 11': 11,
        'exec sh -c "exit 12"': 12,
      };
      for (const [body, code] of Object.entries(hostile)) {
        lsb.script('foo', `${does}; ${body}`, 'set -eu');
        const [stopNoted, stopCode, printed] = await act(lsb, 'restart');
        assert.deepEqual([stopCode, printed], [code, ''], body);
        const after = body.startsWith('exec sh') ? [] : ['esm started food'];
        assert.deepEqual(stopNoted, ['esm stopping food', 'script restart', ...after], body);
      }
    });

    test('an EXIT trap of the script still runs, and sees its status', async (t) => {
      const lsb = await LsbPlace.open(t);
      lsb.service('food', 'foo');
      const own = note('own $?');
      const stopping = 'esm stopping food';
      const cases: [before: string, body: string, noted: string[], code: number][] = [
        [`trap '${own}' EXIT`, 'exit 3', ['esm started food', 'own 3'], 3],
        [`trap '${own}; exit 4' EXIT`, 'exit 3', ['esm started food', 'own 3'], 4],
        [`set -e; trap '${own}' EXIT; trap : HUP`, 'false', ['esm started food', 'own 1'], 1],
        [`trap '' HUP; trap 'exit 5' TERM`, 'kill -TERM $$', ['esm started food'], 5],
        // It replaces ours: what was announced stays.
        ['', `trap '${own}' EXIT; exit 6`, ['own 6'], 6],
        ['', 'trap - EXIT; exit 7', [], 7],
      ];
      for (const [before, body, noted, code] of cases) {
        lsb.script('foo', body, before);
        assert.deepEqual(await act(lsb, 'restart'), [[stopping, ...noted], code, ''], before);
      }
    });

    test('even a trap of several lines that sets traps', async (t) => {
      const lsb = await LsbPlace.open(t);
      lsb.service('food', 'foo');
      const lines = [
        `trap '${note('one $?')}`,
        `trap -- '\\''${note('two')}'\\'' TERM`,
        'kill -TERM $$',
      ];
      lsb.script('foo', 'exit 3', `${lines.join('\n')}' EXIT`);
      const [noted, code] = await act(lsb, 'stop');
      assert.deepEqual(noted, ['esm stopping food', 'one 3', 'two']);
      assert.equal(code, 3);
    });

    test('what esmd itself runs is not announced to it', async (t) => {
      const lsb = await LsbPlace.open(t);
      lsb.service('food', 'foo');
      lsb.script('foo', does);
      const esmd = 'echo $$ >/run/esmd.pid';
      const stop = `${foo} stop`;
      const run = async (line: string, marker = ''): Promise<readonly string[]> => {
        const env = marker === '' ? {} : { ESMD_SERVICE: marker };
        return (await lsb.run(shell, ['/run/esmd', line], { env })).noted;
      };
      lsb.place.write('/run/esmd', `${esmd}; eval "$1"; exit $?`);
      const announced = ['esm stopping food', 'script stop', 'esm stopped food'];
      assert.deepEqual(await run(stop), ['script stop']);
      assert.deepEqual(await run(stop, 'food'), ['script stop']);
      // The command is a line for a shell.
      assert.deepEqual(await run(`sh -c '${stop}; exit'`, 'food'), ['script stop']);
      // A daemon, or a login by way of one, that esmd has started; and its own environment, inherited.
      assert.deepEqual(await run(`sh -c '${stop}; exit'`), announced);
      assert.deepEqual(await run(`sh -c '${stop}; exit'`, 'sshd'), announced);
      assert.deepEqual(await run(`sh -c 'sh -c "${stop}; exit"; exit'`, 'food'), announced);
    });

    test('without esm, without services, without /run: the script alone', async (t) => {
      const lsb = await LsbPlace.open(t);
      lsb.script('foo', `${note('script $1')} 2>/dev/null; echo said`);
      const alone = async (): Promise<void> => {
        const { stdout, stderr, code } = await lsb.run(shell, [foo, 'stop']);
        assert.deepEqual([stdout, stderr, code], ['said\n', '', 0]);
        assert.deepEqual(
          lsb.noted().filter((line) => line.startsWith('esm')),
          [],
        );
      };
      await alone();
      lsb.place.remove('/etc/esmd/services');
      await alone();
      lsb.service('food', 'foo');
      lsb.place.remove('/usr/lib/esmd');
      await alone();
      await lsb.place.must(['mount', '-o', 'remount,ro', '/run']);
      await alone();
      lsb.place.remove('/etc/init.d/esm');
      await alone();
    });

    test('a reload or restart "if it runs" starts nothing that was stopped', async (t) => {
      const lsb = await LsbPlace.open(t);
      lsb.service('food', 'foo');
      // Runs if there is a file; force-reload starts it, try-restart does not, as in many scripts.
      const body = [
        'case $1 in',
        'status) [ -e /run/food ] || exit 3; exit 0 ;;',
        `force-reload) ${does}; [ ! -e /run/starts ] || : >/run/food ;;`,
        `try-restart) ${does} ;;`,
        'esac',
      ];
      lsb.script('foo', body.join('\n'));
      for (const verb of ['force-reload', 'try-restart']) {
        assert.deepEqual((await act(lsb, verb))[0], [`script ${verb}`], 'it was down, and is');
        lsb.place.write('/run/food', '');
        const restarted = ['esm stopping food', `script ${verb}`, 'esm started food'];
        assert.deepEqual((await act(lsb, verb))[0], restarted);
        lsb.place.remove('/run/food');
      }
      lsb.place.write('/run/starts', '');
      const begun = await act(lsb, 'force-reload');
      assert.deepEqual(begun[0], ['script force-reload', 'esm started food']);
    });
  });
}

void describe('the services that name an init script', () => {
  /** Whether `esm-announce` finds the service of this file. */
  const finds = async (lsb: LsbPlace, toml: string): Promise<boolean> => {
    lsb.place.write('/etc/esmd/services/food.toml', toml);
    const words = ['before', '/etc/init.d/foo', 'start', '1'];
    return (await lsb.place.must(['/usr/lib/esmd/esm-announce', ...words])) === 'live food \n';
  };

  test('the key is found as TOML has it', async (t) => {
    const lsb = await LsbPlace.open(t);
    const yes = [
      'initscript = "foo"',
      "initscript='foo'",
      '\t initscript\t=  "foo"  # a comment',
      '"initscript" = "foo"',
      "'initscript' = 'foo'\r",
      'description = "initscript = \'bar\'"\ninitscript = "foo"',
      'description = """\n[no table]\ninitscript = "bar"\n"""\ninitscript = "foo"',
      'description = """one line""" # """\ninitscript = "foo"',
      "description = '''\ninitscript = 'bar'\n'''\ninitscript = 'foo'\n[restart]\nlimit = 3",
      'start = [\n  "/etc/init.d/foo", # it\'s\n  "start",\n]\ninitscript = "foo"',
      'initscripts = "bar"\ninitscript = "foo"',
    ];
    for (const toml of yes) assert.equal(await finds(lsb, toml), true, toml);
    const no = [
      '# initscript = "foo"',
      'initscript = "foo2" # foo',
      'initscript = foo',
      'initscript = ""',
      'initscripts = "foo"',
      'description = """\ninitscript = "foo"\n"""',
      '[environment]\ninitscript = "foo"',
      'start = ["/etc/init.d/foo", "start"]',
      '',
    ];
    for (const toml of no) assert.equal(await finds(lsb, toml), false, toml);
  });

  test('what is no file of ours, and what would block or be endless, is left out', async (t) => {
    const lsb = await LsbPlace.open(t);
    const { place } = lsb;
    const text = 'initscript = "foo"\n';
    for (const name of ['.hidden', 'a b', '-x', 'a\nb', '*']) {
      place.write(`/etc/esmd/services/${name}.toml`, text);
    }
    place.write('/etc/esmd/services/other.conf', text);
    place.write('/etc/esmd/services/folder.toml/x', text);
    place.write('/etc/esmd/services/big.toml', `# ${'foo'.repeat(4_000_000)}\n${text}`);
    await place.must(['mkfifo', '/etc/esmd/services/fifo.toml']);
    assert.equal(await finds(lsb, text), true);
  });
});
