import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Stage } from '../helpers/esmctl.js';

const good = 'command = ["/usr/bin/sleep", "1000"]\n';

test('check: the installed configuration, without a daemon', async (context) => {
  const stage = new Stage(context);
  stage.define('good', good);
  const well = await stage.run(['check']);
  assert.deepEqual([well.code, well.stdout, well.stderr], [0, 'no problems\n', '']);

  stage.define('typo', `${good}\ndescripton = "x"\n`);
  stage.define('ring', `${good}requires = ["ring"]\n`);
  stage.define('missing', 'command = ["/usr/sbin/nosuch"]\nuser = "nosuch"\n');
  stage.define('broken', 'command = [\n');
  const bad = await stage.run(['check']);
  assert.equal(bad.code, 1);
  const folder = '/etc/esmd/services';
  assert.match(bad.stdout, new RegExp(`^${folder}/broken.toml:\\d`, 'm'));
  assert.match(bad.stdout, new RegExp(`^${folder}/typo.toml:3: descripton: .*description`, 'm'));
  assert.match(bad.stdout, new RegExp(`^${folder}/ring.toml:\\d: requires`, 'm'));
  assert.match(bad.stdout, new RegExp(`^${folder}/missing.toml:1: command.*/usr/sbin/nosuch`, 'm'));
  assert.match(bad.stdout, new RegExp(`^${folder}/missing.toml:2: user.*nosuch`, 'm'));
  assert.doesNotMatch(bad.stdout, /good\.toml/);

  const json = await stage.run(['check', '--json']);
  assert.equal(json.code, 1);
  const { version, problems } = JSON.parse(json.stdout) as {
    version: number;
    problems: readonly { code: string; file: string }[];
  };
  assert.equal(version, 1);
  assert.equal(problems.length, bad.stdout.trimEnd().split('\n').length);
  assert.ok(
    problems.every(({ code, file }) => code.startsWith('ESM_') && file.startsWith('/etc/esmd')),
  );
});

test('check: a program that others could change is no problem unless root runs it', async (context) => {
  const stage = new Stage(context);
  const program = join(stage.folder, 'etc', 'program');
  writeFileSync(program, '#!/bin/sh\n');
  chmodSync(program, 0o777);
  stage.define('own', 'command = ["/etc/program"]\nuser = "nobody"\n');
  assert.equal((await stage.run(['check'])).stdout, 'no problems\n');
  stage.define('roots', 'command = ["/etc/program"]\n');
  const result = await stage.run(['check']);
  assert.equal(result.code, 1);
  assert.match(result.stdout, /roots\.toml:1: command\[0\]: .*others may write/);
  assert.doesNotMatch(result.stdout, /own\.toml/);
});

test('check FILE: a draft, wherever it lies relative to here', async (context) => {
  const stage = new Stage(context);
  writeFileSync(join(stage.folder, 'run', 'draft.toml'), 'comand = ["/usr/bin/sleep"]\n');
  const draft = await stage.run(['check', '/run/esmd/draft.toml']);
  assert.equal(draft.code, 1);
  assert.match(draft.stdout, /^\/run\/esmd\/draft\.toml:1: comand: .*command/m);
  const relative = await stage.run(['check', 'nosuch.toml']);
  assert.equal(relative.code, 1);
  assert.match(relative.stdout, /nosuch\.toml: .*does not exist/);
});

test("check FILE: a draft that others can write, in a folder that is not root's", async (context) => {
  const stage = new Stage(context);
  const folder = join(stage.folder, 'run', 'home');
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  writeFileSync(join(folder, 'draft.toml'), 'comand = ["/usr/bin/sleep"]\n');
  chmodSync(join(folder, 'draft.toml'), 0o666);
  const { code, stdout } = await stage.run(['check', '/run/esmd/home/draft.toml']);
  assert.equal(code, 1);
  assert.match(stdout, /^\/run\/esmd\/home\/draft\.toml: .*may write/m);
  assert.match(stdout, /^\/run\/esmd\/home\/draft\.toml:1: comand: .*command/m);
  assert.doesNotMatch(stdout, /folder/);
});

test('check: no folder, a file others can write, a file that is none', async (context) => {
  const stage = new Stage(context);
  stage.define('open', good);
  const services = join(stage.folder, 'etc/esmd/services');
  chmodSync(join(services, 'open.toml'), 0o666);
  const open = await stage.run(['check']);
  assert.equal(open.code, 1);
  assert.match(open.stdout, /open\.toml: .*may write/);
  rmSync(services, { recursive: true });
  const none = await stage.run(['check']);
  assert.equal(none.code, 1);
  assert.match(none.stdout, /does not exist/);
});

test('check: control characters of a file are shown, not sent', async (context) => {
  const stage = new Stage(context);
  stage.define('evil', `${good}"\\u001b[2Jx" = 1\n`);
  const result = await stage.run(['check']);
  assert.equal(result.code, 1);
  assert.ok(!result.stdout.includes('\x1b'));
});
