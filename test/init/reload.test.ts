/** A reload: what changes for services that run, and what many reloads at once cost. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootGuarded } from './lib/guarded.js';

const sleeper = (seconds: number): string =>
  `command = ["/bin/sleep", "${seconds}"]\nprobation = "0s"\n`;

test('a service under a new name takes its process over, and restarts it', async (context) => {
  const guarded = await bootGuarded(context, { services: { old: sleeper(4861) } });
  const pid = await guarded.waitForPid('old');
  const { files } = guarded.machine;
  files.remove('/etc/esmd/services/old.toml');
  files.replace('/etc/esmd/services/new@a.b-c_1.toml', sleeper(4861));
  assert.equal((await guarded.esmctl('reload')).code, 0);
  assert.equal(await guarded.waitForPid('new@a.b-c_1'), pid);
  await guarded.waitForLog(/"new@a\.b-c_1" was found running/);
  guarded.machine.kill(pid);
  const next = await guarded.waitForPid('new@a.b-c_1', pid);
  await guarded.assertOnly('/bin/sleep 4861', next);
  assert.equal(guarded.countLog(/is left running/), 0);
});

test('a service that is removed and added again is adopted, whatever its process has become', async (context) => {
  const text = 'command = ["/bin/sh", "-c", "exec /bin/sleep 4870"]\n';
  const guarded = await bootGuarded(context, { services: { again: text } });
  const { machine } = guarded;
  const pid = await guarded.waitForPid('again');
  await machine.waitFor(() => machine.pids(/^\/bin\/sleep 4870/).includes(pid), 'its program');
  machine.files.remove('/etc/esmd/services/again.toml');
  assert.equal((await guarded.esmctl('reload')).code, 0);
  machine.files.replace('/etc/esmd/services/again.toml', text);
  assert.equal((await guarded.esmctl('reload')).code, 0);
  assert.equal(await guarded.waitForPid('again'), pid);
  await guarded.assertOnly(/^\/bin\/sleep 4870/, pid);
});

test('a definition that becomes another kind waits for the next start', async (context) => {
  const kinds = [
    'command = ["/bin/sleep", "4871"]\n',
    `start = ["/bin/sh", "-c", "setsid /bin/sleep 4871 & echo $! > /run/kind.pid"]
pidfile = "/run/kind.pid"
match = { exe = "/bin/sleep", args = ["4871"] }
`,
  ] as const;
  const guarded = await bootGuarded(context, { services: { kind: kinds[0] } });
  const { machine } = guarded;
  let pid = await guarded.waitForPid('kind');
  for (const text of [kinds[1], kinds[0], kinds[1]]) {
    await guarded.waitForState('kind', 'running');
    machine.files.replace('/etc/esmd/services/kind.toml', text);
    assert.equal((await guarded.esmctl('reload')).code, 0);
    assert.equal((await guarded.service('kind')).pid, pid);
    machine.kill(pid);
    pid = await guarded.waitForPid('kind', pid);
    await guarded.assertOnly(/^\/bin\/sleep 4871$/, pid);
  }
});

test('what a service left behind is killed under its new name as well', async (context) => {
  const forking = `command = ["/bin/sh", "-c", "setsid /bin/sleep 4865 & exec /bin/sleep 4864"]
match = { exe = "/bin/sleep", args = ["4864"] }
probation = "0s"
`;
  const guarded = await bootGuarded(context, { services: { old: forking } });
  const { machine } = guarded;
  const pid = await guarded.waitForPid('old');
  const worker = await machine.waitForPid(/^\/bin\/sleep 4865/);
  machine.files.remove('/etc/esmd/services/old.toml');
  machine.files.replace('/etc/esmd/services/new.toml', forking);
  assert.equal((await guarded.esmctl('reload')).code, 0);
  machine.kill(pid);
  await guarded.waitForPid('new', pid);
  await machine.waitForPid(/^\/bin\/sleep 4865/, [worker]);
  assert.ok(!machine.pids(/^\/bin\/sleep 4865/).includes(worker));
});

test('a thousand HUPs are a few reloads, the last of which sees what was written last', async (context) => {
  const guarded = await bootGuarded(context, { services: { one: sleeper(4862) } });
  const pid = await guarded.waitForPid('one');
  const esmd = await guarded.esmdPid();
  guarded.machine.files.replace('/etc/esmd/services/two.toml', sleeper(4863));
  await guarded.machine.must([
    'sh',
    '-c',
    `i=0; while [ $i -lt 1000 ]; do kill -HUP ${esmd}; i=$((i + 1)); done`,
  ]);
  await guarded.waitForPid('two');
  const reloads = guarded.countLog(/services configured/);
  assert.ok(reloads < 500, `${reloads} reloads`);
  assert.equal(await guarded.esmdPid(), esmd);
  assert.equal((await guarded.service('one')).pid, pid);
});
