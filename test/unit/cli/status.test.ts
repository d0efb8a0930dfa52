import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderDaemon, renderStatus } from '../../../src/cli/render/status.js';
import { width } from '../../../src/cli/render/text.js';
import type { View } from '../../../src/cli/render/view.js';
import { aService, aTime, FakeDaemon } from '../../helpers/fake-daemon.js';

const pipe: View = { columns: null, colour: false, now: Date.parse(aTime) + 3_600_000 };
const terminal: View = { ...pipe, columns: 80 };

const services = [
  aService('rsyslogd', { restarts: 2, reason: 'killed by SIGKILL 3 s ago' }),
  aService('cron', { state: 'failed', pid: null, reason: 'exit status 1' }),
  aService('dbus', { desired: 'unmonitored', reason: 'mode boot' }),
];

test('status, piped: plain, absolute times, nothing cut', () => {
  assert.equal(
    renderStatus(services, pipe),
    `NAME      STATE                 PID  SINCE                     RESTARTS  REASON
rsyslogd  running              4711  2026-03-01T12:00:00.000Z         2  killed by SIGKILL 3 s ago
cron      failed                  -  2026-03-01T12:00:00.000Z         0  exit status 1
dbus      running/unmonitored  4711  2026-03-01T12:00:00.000Z         0  mode boot
`,
  );
});

test('status, piped: the first five words of a row are its first five columns', () => {
  const states = ['stopped', 'spawning', 'starting', 'probation', 'stopping', 'backoff'] as const;
  const odd = states.map((state) => aService(`a.b@c-${state}`, { state, pid: null }));
  for (const line of renderStatus(odd, pipe).trimEnd().split('\n').slice(1)) {
    assert.match(line, /^a\.b@c-(\w+) +\1 +- +2026\S+ +0 +running$/);
  }
});

test('status on a terminal: how long ago, and cut to its width', () => {
  const text = renderStatus([aService('x', { reason: 'y'.repeat(200) })], terminal);
  const [, row = ''] = text.split('\n');
  assert.equal(row, `x     running  4711  1h            0  ${'y'.repeat(41)}…`);
  for (const line of text.split('\n')) assert.ok(width(line) <= 80);
});

test('status: colour says good and bad, and can be left out', () => {
  const colours = renderStatus(services, { ...terminal, colour: true });
  assert.ok(colours.includes('\x1b[32mrunning'));
  assert.ok(colours.includes('\x1b[31mfailed'));
  const bare = ['0', '1', '2', '31', '32', '33'].reduce(
    (text, code) => text.replaceAll(`\x1b[${code}m`, ''),
    colours,
  );
  assert.equal(bare, renderStatus(services, terminal));
});

test('status: what needs a look stands below, and cannot fake a line', () => {
  const service = aService('x', { differs: true, warnings: ['no pidfd', 'a\nb FAKE'] });
  const [, , ...below] = renderStatus([service], pipe).trimEnd().split('\n');
  assert.deepEqual(below, [
    'x: no pidfd',
    'x: a\\x0ab FAKE',
    'x: what runs differs from its definition until the next start',
  ]);
});

test('esmd’s own line: mode, problems, changed files', () => {
  const daemon = new FakeDaemon();
  assert.equal(renderDaemon(daemon.status(), pipe), `esmd 1000, mode run, since ${aTime}\n`);
  daemon.mode = 'boot';
  daemon.configProblems = ['a', 'b'];
  const status = daemon.status();
  const text = renderDaemon(
    { ...status, esmd: { ...status.esmd, configDiffers: true } },
    { ...pipe, columns: 500 },
  );
  assert.equal(
    text,
    'esmd 1000, mode boot, for 1h; 2 problems in its configuration; its files have changed and "esmctl reload" would apply that\n',
  );
});
