/** esmctl against the esmd that a real init started. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Status } from '../../src/core/status.js';
import { bootGuarded } from '../init/lib/guarded.js';

const services = {
  web: `description = "a web server, say"
command = ["/bin/sh", "-c", "echo hello from web; exec /bin/sleep 4801"]
match = { exe = "/bin/sleep", args = ["4801"] }
probation = "0s"
environment = { SECRET = "hidden" }
requires = ["store"]
`,
  store: 'command = ["/bin/sleep", "4802"]\nprobation = "0s"\n',
  bad: 'command = ["/bin/false"]\n[restart]\nlimit = 0\nretry_interval = "0s"\n',
};

describe('esmctl and a real esmd', () => {
  test('every command does what it says', async (context) => {
    const guarded = await bootGuarded(context, { init: 'busybox', services });
    const ctl = (...args: readonly string[]) => guarded.esmctl(...args);
    await guarded.waitForState('web', 'running');
    await guarded.waitForState('bad', 'failed');

    const status = await ctl('status');
    assert.equal(status.code, 1, 'one has failed');
    assert.match(status.stdout, /^web +running +\d+/m);
    assert.match(status.stdout, /^bad +failed +- /m);
    assert.equal((await ctl('status', 'web', 'store')).code, 0);

    const json = JSON.parse((await ctl('status', '--json')).stdout) as Status;
    assert.equal(json.version, 1);
    assert.deepEqual(json.services.map(({ name }) => name).sort(), ['bad', 'store', 'web']);

    const why = await ctl('why', 'bad');
    assert.match(why.stdout, /failed/);
    assert.match(why.stdout, /exit status 1/);

    const refused = await ctl('stop', 'store');
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /web requires it/);
    assert.equal((await ctl('stop', 'web')).code, 0);
    assert.equal((await ctl('stop', 'store')).code, 0);
    // It waits for its requirement, and that is no failure.
    await ctl('start', 'web', '--no-wait');
    await guarded.waitForService('web', ({ reason }) => reason === 'waits for store', 'waiting');
    assert.equal((await ctl('start', 'store')).code, 0);
    await guarded.waitForState('web', 'running');

    const before = await guarded.waitForPid('web');
    assert.equal((await ctl('restart', 'web')).code, 0);
    const after = await guarded.waitForPid('web', before);
    await guarded.assertOnly(/^\/bin\/sleep 4801/, after);
    assert.equal((await ctl('start', 'bad')).code, 1);
    assert.equal((await ctl('reset', 'bad')).code, 0);

    assert.match((await ctl('log', 'web')).stdout, /hello from web/);
    assert.match((await ctl('top', '--once')).stdout, /web/);
    assert.equal((await ctl('check')).code, 0);
    assert.equal((await ctl('reload')).code, 0);
    assert.equal((await ctl('status', 'nobody')).code, 1);
    assert.equal((await ctl('nonsense')).code, 2);

    const { esmd } = json;
    guarded.machine.kill(esmd.pid, 'SIGSTOP');
    const unreachable = await ctl('status');
    assert.equal(unreachable.code, 3);
    assert.match(unreachable.stderr, /esmd is stopped/);
    guarded.machine.kill(esmd.pid, 'SIGCONT');
  });

  test('events go on after an esmd that was killed, and no number is used twice', async (context) => {
    const guarded = await bootGuarded(context, { init: 'busybox', services });
    const { machine } = guarded;
    const follow = ['esmctl', 'events', '-f', '--json', '--since', '0'];
    const follower = await machine.start(follow);
    for (let round = 0; round < 3; round += 1) {
      const pid = await guarded.waitForPid('web');
      machine.kill(pid);
      const next = await guarded.waitForPid('web', pid);
      // Its table does not know of that yet.
      await guarded.killEsmd();
      await guarded.waitUntilReachable();
      machine.kill(next);
      const last = await guarded.waitForPid('web', next);
      await machine.waitFor(() => follower.stdout().includes(`"pid":${last}`), 'its start');
    }
    machine.kill(follower.pid, 'SIGTERM');
    await follower.ended;
    const lines = follower.stdout().trim().split('\n');
    const numbers = lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence);
    assert.equal(new Set(numbers).size, numbers.length);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
    assert.doesNotMatch(follower.stderr(), /missed/);
  });

  test('events follow what happens, in order and without a gap', async (context) => {
    const guarded = await bootGuarded(context, { init: 'busybox', services });
    const pid = await guarded.waitForPid('web');
    const follower = await guarded.machine.start([
      'esmctl',
      'events',
      '-f',
      '--json',
      '--since',
      '0',
    ]);
    await guarded.machine.waitFor(() => follower.stdout().includes('service.started'), 'history');
    guarded.machine.kill(pid);
    const next = await guarded.waitForPid('web', pid);
    const restarted = (): boolean => follower.stdout().includes(`"pid":${next}`);
    await guarded.machine.waitFor(restarted, 'the restart in the stream');
    guarded.machine.kill(follower.pid, 'SIGTERM');
    await follower.ended;
    const events = follower
      .stdout()
      .trim()
      .split('\n')
      .map(
        (line) => JSON.parse(line) as { sequence: number; service: string; body: { type: string } },
      );
    const numbers = events.map(({ sequence }) => sequence);
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => (numbers[0] ?? 0) + i),
    );
    const ofWeb = events.filter(({ service }) => service === 'web').map(({ body }) => body.type);
    assert.deepEqual(ofWeb.slice(-2), ['service.exited', 'service.started']);
  });

  test('the API answers curl; everybody may ask, and only root sees secrets', async (context) => {
    const guarded = await bootGuarded(context, { init: 'busybox', services });
    await guarded.waitForState('web', 'running');
    const curl = (socket: string, path: string, ...more: readonly string[]) =>
      guarded.machine.must([
        'curl',
        '-s',
        '--unix-socket',
        `/run/esmd/${socket}`,
        `http://esmd${path}`,
        ...more,
      ]);
    assert.match(await curl('esmd.sock', '/v1/services/web'), /hidden/);
    assert.doesNotMatch(await curl('status.sock', '/v1/services/web'), /hidden|4801/);
    assert.match(await curl('status.sock', '/v1/services/web/stop', '-X', 'POST'), /ESM_METHOD/);
    assert.match(await curl('esmd.sock', '/metrics'), /^esmd_service_up\{name="web".*\} 1$/m);
    assert.match(await curl('esmd.sock', '/v1/nothing'), /ESM_NOT_FOUND/);
    assert.equal((await guarded.service('web')).state, 'running');
  });
});
