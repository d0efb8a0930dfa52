import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, ok } from '../../src/core/result.js';
import { pid } from '../../src/core/units.js';
import { Stage } from '../helpers/esmctl.js';
import { aService, FakeDaemon } from '../helpers/fake-daemon.js';

const accepted = ok({ accepted: true as const, message: 'accepted' });
const down = { state: 'stopped', pid: null, desired: 'down' } as const;
const started = { type: 'service.started', pid: pid(7), again: false } as const;
const stopped = { type: 'service.stopped' } as const;
const later = '2026-03-01T12:34:56.000Z';

test('start waits through probation until it runs', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron', down));
  const steps: string[] = [];
  daemon.onRequest = () => {
    const change = (state: 'starting' | 'probation' | 'running', next?: () => void): void => {
      steps.push(state);
      daemon.change('cron', { state, pid: 7, desired: 'up', since: later }, started);
      if (next !== undefined) setTimeout(next, 100);
    };
    change('starting', () => {
      change('probation', () => {
        change('running');
      });
    });
    return accepted;
  };
  await stage.serve(daemon);
  const result = await stage.run(['start', 'cron']);
  assert.deepEqual(steps, ['starting', 'probation', 'running']);
  assert.deepEqual(result, {
    code: 0,
    signal: null,
    stdout: 'cron: running, pid 7\n',
    stderr: '',
  });
});

test('start says no with the reason when it fails', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron', { ...down, state: 'failed' }));
  daemon.onRequest = () => {
    setTimeout(() => {
      const reason = 'exit status 1, 6 times';
      daemon.change('cron', { state: 'failed', desired: 'up', since: later, reason }, stopped);
    }, 100);
    daemon.change('cron', { desired: 'up' }, stopped);
    return accepted;
  };
  await stage.serve(daemon);
  const result = await stage.run(['start', 'cron']);
  assert.equal(result.code, 1);
  assert.equal(result.stderr, 'esmctl: cron: failed: exit status 1, 6 times\n');
});

test('what is not done in time is no, with the state and the reason', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron'));
  daemon.onRequest = () => {
    daemon.change('cron', { state: 'stopping', desired: 'down', reason: 'ignores TERM' }, stopped);
    return accepted;
  };
  await stage.serve(daemon);
  const result = await stage.run(['stop', 'cron', '--timeout', '0.4']);
  assert.equal(result.code, 1);
  assert.match(result.stderr, /^esmctl: cron: still stopping after \d s: ignores TERM\n$/);
  const hurried = await stage.run(['stop', 'cron', '--no-wait']);
  assert.deepEqual([hurried.code, hurried.stdout, hurried.stderr], [0, '', '']);
});

test('several at once: each is told, and the worst counts', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('a'), aService('b'), aService('dbus'));
  daemon.onRequest = (asked) =>
    asked.name === 'dbus' && !asked.force
      ? failed({ code: 'ESM_REFUSED', message: 'Cannot stop "dbus": sshd requires it' })
      : daemon.obey(asked);
  await stage.serve(daemon);
  const result = await stage.run(['stop', 'a', 'dbus', 'nosuch', 'b', 'a']);
  assert.equal(result.code, 4);
  assert.equal(result.stdout, 'a: stopped\nb: stopped\n');
  assert.equal(
    result.stderr,
    'esmctl: Cannot stop "dbus": sshd requires it\nesmctl: Cannot find "nosuch": no such service\n',
  );
  const forced = await stage.run(['stop', '--force', 'dbus']);
  assert.equal(forced.code, 0);
  assert.deepEqual(daemon.asked, [
    { verb: 'stop', name: 'a', force: false },
    { verb: 'stop', name: 'dbus', force: false },
    { verb: 'stop', name: 'b', force: false },
    { verb: 'stop', name: 'dbus', force: true },
  ]);
});

test('restart waits for another life; reset for nothing', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron'));
  daemon.onRequest = ({ verb }) => {
    if (verb === 'restart') {
      setTimeout(() => {
        daemon.change('cron', { pid: 4712, since: later }, started);
      }, 200);
    }
    return accepted;
  };
  await stage.serve(daemon);
  const restarted = await stage.run(['restart', 'cron']);
  assert.deepEqual([restarted.code, restarted.stdout], [0, 'cron: running, pid 4712\n']);
  const reset = await stage.run(['reset', 'cron']);
  assert.deepEqual([reset.code, reset.stdout], [0, 'cron: running\n']);
});

test('a daemon that goes away while its answer is awaited is found again', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron'));
  const control = await stage.serve(daemon);
  daemon.onRequest = () => {
    daemon.change('cron', { state: 'stopping', desired: 'down' }, stopped);
    setTimeout(() => {
      void control.close().then(() => {
        daemon.change('cron', down, stopped);
        return stage.serve(daemon);
      });
    }, 100);
    return accepted;
  };
  const result = await stage.run(['stop', 'cron']);
  assert.deepEqual([result.code, result.stdout], [0, 'cron: stopped\n']);
  assert.equal(daemon.asked.length, 1);
});

test('a request without an answer is made once, and its end is not known', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron'));
  daemon.onRequest = () => new Promise(() => undefined);
  await stage.serve(daemon);
  const result = await stage.run(['restart', 'cron']);
  assert.equal(result.code, 3);
  assert.match(result.stderr, /does not answer; it may do all the same what it was asked\n$/);
  assert.equal(daemon.asked.length, 1);
});

test('reload: says what is wrong now', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron'));
  daemon.onRequest = () => accepted;
  await stage.serve(daemon);
  const good = await stage.run(['reload']);
  assert.deepEqual([good.code, good.stdout, good.stderr], [0, '1 service configured\n', '']);
  daemon.configProblems = ['cron.toml:3: user: Cannot find the user "x"'];
  const bad = await stage.run(['reload']);
  assert.equal(bad.code, 1);
  assert.equal(bad.stderr, 'esmctl: cron.toml:3: user: Cannot find the user "x"\n');
});

test('users may not change anything', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron'));
  await stage.serve(daemon);
  for (const args of [['stop', 'cron'], ['start', 'cron'], ['reload']]) {
    const result = await stage.run(args, { user: 'nobody' });
    assert.equal(result.code, 3);
    assert.equal(
      result.stderr,
      'esmctl: Cannot reach esmd: permission denied: run as root\n',
      args.join(' '),
    );
  }
  assert.deepEqual(daemon.asked, []);
});

test('what the daemon could not do is told, and not done', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron'));
  daemon.onRequest = () => failed({ code: 'ESM_TABLE', message: 'Cannot write the table: ENOSPC' });
  await stage.serve(daemon);
  const result = await stage.run(['stop', 'cron']);
  assert.equal(result.code, 1);
  assert.equal(result.stderr, 'esmctl: Cannot write the table: ENOSPC\n');
  daemon.bug = new Error('a bug');
  assert.equal((await stage.run(['status'])).code, 3);
});
