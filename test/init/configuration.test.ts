/** Promise 5: nothing a user writes makes esmd exit. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bootGuarded, inits } from './lib/guarded.js';

const good = 'command = ["/bin/sleep", "4730"]\nprobation = "0s"\n';

const wrong: Readonly<Record<string, string>> = {
  syntax: 'command = [',
  types: 'command = 5\nprobation = true\n',
  unknown: 'comand = ["/bin/sleep"]\n',
  both: 'command = ["/bin/sleep"]\nstart = ["/bin/sleep"]\n',
  circle1: `${good.replace('4730', '1')}requires = ["circle2"]\n`,
  circle2: `${good.replace('4730', '2')}requires = ["circle1"]\n`,
  // Right but for its length.
  huge: `# ${'x'.repeat(10_000_000)}\n${good.replace('4730', '3')}`,
  'bad name': good,
};

for (const init of inits) {
  describe(`configuration under ${init}`, () => {
    test('broken files among good ones: reported at once, and the good ones run', async (context) => {
      const guarded = await bootGuarded(context, { init, services: { good, ...wrong } });
      await guarded.waitForPid('good');
      const esmd = await guarded.esmdPid();
      const { configProblems } = (await guarded.status()).esmd;
      const told = Object.keys(wrong).filter((name) => name !== 'circle2');
      assert.ok(configProblems.some((problem) => /circle1.*circle2/.test(problem)));
      for (const name of told) {
        assert.ok(
          configProblems.some((problem) => problem.includes(`${name}.toml`)),
          `${name} is reported`,
        );
      }
      // A circle is a problem whose edges are dropped while its services run.
      await guarded.waitForPid('circle1');
      await guarded.waitForPid('circle2');
      const check = await guarded.esmctl('check');
      assert.equal(check.code, 1);
      assert.match(check.stdout, /types\.toml:1: command: .*\n.*types\.toml:2: probation/);
      assert.match(check.stdout, /comand.*did you mean "command"/s);
      assert.equal(await guarded.esmdPid(), esmd);
    });

    test('no configuration at all: esmd runs, says so, and waits for one', async (context) => {
      const guarded = await bootGuarded(context, { init });
      await guarded.machine.must(['rm', '-r', '/etc/esmd']);
      const esmd = await guarded.killEsmd();
      await guarded.waitForLog(/Cannot read the folder of services/);
      await guarded.machine.must(['mkdir', '-p', '/etc/esmd/services']);
      guarded.machine.writeFile('/etc/esmd/services/good.toml', good);
      assert.equal((await guarded.esmctl('reload')).code, 0);
      await guarded.waitForPid('good');
      assert.equal(await guarded.esmdPid(), esmd);
    });
  });
}

test('a file that breaks keeps its last good definition, over the death of esmd as well', async (context) => {
  const guarded = await bootGuarded(context, { services: { good } });
  const pid = await guarded.waitForPid('good');
  const { files } = guarded.machine;
  await guarded.machine.waitFor(() => files.exists('/run/esmd/table.json'), 'the table');
  files.replace('/etc/esmd/services/good.toml', 'command = [');
  await guarded.signalEsmd('SIGHUP');
  await guarded.waitForLog(/good\.toml/);
  await guarded.machine.waitFor(
    async () => (await guarded.status()).esmd.configProblems.length > 0,
    'the problem',
  );
  assert.equal((await guarded.service('good')).pid, pid);
  await guarded.killEsmd();
  assert.equal(await guarded.waitForPid('good'), pid);
  guarded.machine.kill(pid);
  await guarded.waitForPid('good', pid);
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['a FIFO', 'rm FILE; mkfifo FILE', /is a FIFO/],
  ['a folder', 'rm FILE; mkdir FILE', /is a directory/],
  ['a link', 'mv FILE /tmp/x; ln -s /tmp/x FILE', /is a symbolic link/],
  ["not root's", 'chown 65534 FILE', /has to belong to root/],
  ['writable by its group', 'chmod g+w FILE', /only root may/],
  ['writable by others', 'chmod o+w FILE', /only root may/],
];

test('a file that others could have written, or that is no file, is refused, and nothing blocks', async (context) => {
  const services = Object.fromEntries(
    refused.map((_, i) => [`bad${i}`, good.replace('4730', `474${i}`)]),
  );
  const guarded = await bootGuarded(context, {
    services: { good, ...services },
    state: 'mode boot',
  });
  for (const [i, [, command]] of refused.entries()) {
    const file = `/etc/esmd/services/bad${i}.toml`;
    await guarded.machine.must(['sh', '-c', command.replaceAll('FILE', file)]);
  }
  // The definitions that esmd has are the last good ones; a new esmd without a table has none.
  const esmd = await guarded.esmdPid();
  // It may be about to write it once more.
  guarded.machine.kill(esmd, 'SIGSTOP');
  await guarded.machine.waitFor(() => guarded.machine.process(esmd)?.state === 'T', 'the stop');
  guarded.machine.files.remove('/run/esmd/table.json');
  guarded.machine.kill(esmd);
  await guarded.esmdPid(esmd);
  await guarded.waitUntilReachable();
  await guarded.esm('start', '--force');
  await guarded.waitForPid('good');
  const status = await guarded.status();
  assert.deepEqual(
    status.services.map(({ name }) => name),
    ['good'],
  );
  for (const [i, [name, , why]] of refused.entries()) {
    const problem = status.esmd.configProblems.find((text) => text.includes(`bad${i}.toml`));
    assert.match(problem ?? 'nothing', why, name);
  }
});

test('a folder that others can write is refused as a whole', async (context) => {
  const guarded = await bootGuarded(context, { services: { good } });
  const pid = await guarded.waitForPid('good');
  await guarded.machine.must(['chmod', '0777', '/etc/esmd/services']);
  await guarded.signalEsmd('SIGHUP');
  await guarded.waitForLog(/its group or others may write to it/);
  assert.equal((await guarded.service('good')).pid, pid);
});

test('a program that others can write is not run as root', async (context) => {
  const guarded = await bootGuarded(context, {
    services: { own: 'command = ["/opt/program"]\n' },
    files: { '/opt/program': { text: '#!/bin/sh\nexec sleep 99\n', mode: 0o777 } },
  });
  await guarded.waitForState('own', 'failed', 15_000);
  assert.match((await guarded.service('own')).reason, /\/opt\/program/);
});

describe('options', () => {
  for (const options of ['-r abc', '-r -1', '-x', '--nonsense', '-r']) {
    test(`"${options}": one generic message, and the valid ones hold`, async (context) => {
      const guarded = await bootGuarded(context, {
        init: 'busybox',
        services: { good },
        command: `/usr/sbin/esmd -a ${options}`,
      });
      await guarded.waitForPid('good');
      await guarded.waitForLog(/invalid start options are ignored/);
      assert.equal(guarded.countLog(/invalid start options/), 1);
    });
  }
});
