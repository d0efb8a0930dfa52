import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage } from '../helpers/esmctl.js';
import { aService, aTime, FakeDaemon } from '../helpers/fake-daemon.js';

test('status: the table, and whether all is as it should be', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('rsyslogd'), aService('cron', { state: 'probation' }));
  await stage.serve(daemon);
  const good = await stage.run(['status']);
  assert.deepEqual(good, {
    code: 0,
    signal: null,
    stdout: `esmd 1000, mode run, since ${aTime}
NAME      STATE       PID  SINCE                     RESTARTS  REASON
rsyslogd  running    4711  ${aTime}         0  running
cron      probation  4711  ${aTime}         0  running
`,
    stderr: '',
  });
  daemon.change('cron', { state: 'backoff', pid: null }, { type: 'service.stopped' });
  assert.equal((await stage.run(['status'])).code, 1);
  daemon.change('cron', { state: 'stopped', desired: 'down' }, { type: 'service.stopped' });
  assert.equal((await stage.run(['status'])).code, 0);
});

test('status NAME: whether it runs', async (context) => {
  const stage = new Stage(context);
  const down = { state: 'stopped', pid: null, desired: 'down' } as const;
  await stage.serve(new FakeDaemon(aService('rsyslogd'), aService('cron', down)));
  const one = await stage.run(['status', 'rsyslogd']);
  assert.equal(one.code, 0);
  assert.doesNotMatch(one.stdout, /cron|esmd/);
  assert.equal((await stage.run(['status', 'cron'])).code, 1);
  assert.equal((await stage.run(['status', 'cron', 'rsyslogd'])).code, 1);
  const unknown = await stage.run(['status', 'rsyslog', 'rsyslogd']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stdout, /^rsyslogd/m);
  assert.equal(
    unknown.stderr,
    'esmctl: Cannot find "rsyslog": no such service (did you mean "rsyslogd"?)\n',
  );
});

test('status --json: what the daemon says, all of it or those named', async (context) => {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('rsyslogd'), aService('cron', { state: 'failed' }));
  await stage.serve(daemon);
  const all = await stage.run(['status', '--json']);
  assert.equal(all.code, 1);
  const expected = daemon.status();
  assert.deepEqual(JSON.parse(all.stdout), expected);
  const one = await stage.run(['status', 'rsyslogd', '--json']);
  assert.equal(one.code, 0);
  assert.deepEqual(JSON.parse(one.stdout), {
    ...expected,
    services: [expected.services[0]],
  });
});

test('status on a terminal: colour and its width, unless colour is not wanted', async (context) => {
  const stage = new Stage(context);
  await stage.serve(new FakeDaemon(aService('rsyslogd', { reason: 'x'.repeat(200) })));
  const coloured = await stage.run(['status'], { columns: 60 });
  assert.equal(coloured.code, 0);
  assert.ok(coloured.stdout.includes('\x1b[32mrunning'));
  const bare = await stage.run(['status'], { columns: 60, environment: { NO_COLOR: '1' } });
  assert.ok(!bare.stdout.includes('\x1b'));
  assert.match(bare.stdout, /x…\r\n$/);
  assert.ok(bare.stdout.split('\r\n').every((line) => line.length <= 60));
});

test('what comes from outside does not act on the terminal', async (context) => {
  const stage = new Stage(context);
  const evil = '\x1b]0;owned\x07\x1b[2J';
  await stage.serve(new FakeDaemon(aService('x', { reason: evil, warnings: [evil], why: [evil] })));
  for (const args of [['status'], ['why', 'x'], ['status', `n${evil}`], ['--no', evil]]) {
    const { stdout } = await stage.run(args, { columns: 80, environment: { NO_COLOR: '1' } });
    assert.ok(!stdout.includes('\x1b'), args.join(' '));
  }
});

test('why: the daemon’s reasons, or everything', async (context) => {
  const stage = new Stage(context);
  const service = aService('cron', { why: ['It is to run', 'It has failed'], state: 'failed' });
  await stage.serve(new FakeDaemon(service));
  const told = await stage.run(['why', 'cron']);
  assert.equal(told.code, 0);
  assert.equal(told.stdout, 'It is to run\nIt has failed\n');
  const json = await stage.run(['why', '--json', 'cron']);
  assert.deepEqual(JSON.parse(json.stdout), service);
  const unknown = await stage.run(['why', 'crom']);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /did you mean "cron"/);
});

test('users see the same, but no secrets', async (context) => {
  const stage = new Stage(context);
  await stage.serve(new FakeDaemon(aService('cron')));
  const status = await stage.run(['status'], { user: 'nobody' });
  assert.equal(status.code, 0);
  assert.match(status.stdout, /^cron +running/m);
  const why = await stage.run(['why', 'cron', '--json'], { user: 'nobody' });
  assert.equal(why.code, 0);
  assert.doesNotMatch(why.stdout, /secret/);
});

test('names: one a line, for completion', async (context) => {
  const stage = new Stage(context);
  await stage.serve(new FakeDaemon(aService('a'), aService('b@c')));
  assert.equal((await stage.run(['names'])).stdout, 'a\nb@c\n');
});

test('a reader that has seen enough is no error', async (context) => {
  const stage = new Stage(context);
  const services = Array.from({ length: 3000 }, (_, i) => aService(`service-${i}`));
  await stage.serve(new FakeDaemon(...services));
  const child = stage.start(['status', '--json']);
  let stderr = '';
  child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  child.stdout?.once('data', () => child.stdout?.destroy());
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.equal(code, 0);
  assert.equal(stderr, '');
});
