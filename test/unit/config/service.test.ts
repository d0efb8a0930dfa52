import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_SETTINGS } from '../../../src/config/defaults.js';
import { decodeService } from '../../../src/config/service.js';
import { describeProblem } from '../../../src/core/result.js';
import type { Spec } from '../../../src/core/service/spec.js';
import { millis } from '../../../src/core/units.js';

function read(text: string, name = 'x'): Spec {
  const { spec, problems } = decodeService('x.toml', name, text);
  assert.deepEqual(problems.map(describeProblem), []);
  assert.ok(spec !== null);
  return spec;
}

const refuse = (text: string): readonly string[] => {
  const { spec, problems } = decodeService('x.toml', 'x', text);
  assert.equal(spec, null);
  return problems.map(describeProblem);
};

test('decodeService: the defaults', () => {
  assert.deepEqual(read('command = ["/bin/x"]', 'cron'), {
    name: 'cron',
    description: '',
    launch: { type: 'command', command: ['/bin/x'] },
    stop: null,
    initscript: null,
    pidfile: null,
    match: null,
    user: null,
    group: null,
    directory: '/',
    umask: 0o022,
    environment: {},
    requires: [],
    after: [],
    category: 'cron',
    startTimeout: 30_000,
    probation: 1000,
    stopSignal: 'TERM',
    stopTimeout: 10_000,
    kill: 'group',
    log: '/var/log/esmd/cron.log',
    restart: {
      limit: 5,
      window: 60_000,
      delay: 100,
      delayMax: 10_000,
      retry: 'restart',
      retryInterval: 30_000,
    },
    limits: { nofile: null, memoryMax: null },
  });
});

test('decodeService: every key', () => {
  const text = `description = "system logger"
start = ["/etc/init.d/rsyslog", "start"]
stop = ["/etc/init.d/rsyslog", "stop"]
initscript = "rsyslog"
pidfile = "/run/rsyslogd.pid"
match = { exe = "/usr/sbin/rsyslogd", args = ["-n"], user = "root" }
user = "syslog"
group = "4"
directory = "/var"
umask = "0077"
environment = { LANG = "C", constructor = "x", EMPTY = "" }
requires = ["dbus", "dbus"]
after = ["evmd"]
category = "syslogd"
start_timeout = "250ms"
probation = "0s"
stop_signal = "SIGINT"
stop_timeout = "5m"
kill = "process"
log = "/var/log/x"
[restart]
limit = 0
window = "2h"
delay = "20s"
retry = "resume"
retry_interval = "0s"
[limits]
nofile = 65_536
memory_max = "512M"
`;
  assert.deepEqual(read(text), {
    name: 'x',
    description: 'system logger',
    launch: { type: 'start', start: ['/etc/init.d/rsyslog', 'start'] },
    stop: ['/etc/init.d/rsyslog', 'stop'],
    initscript: 'rsyslog',
    pidfile: '/run/rsyslogd.pid',
    match: { exe: '/usr/sbin/rsyslogd', args: ['-n'], user: 'root' },
    user: 'syslog',
    group: '4',
    directory: '/var',
    umask: 0o077,
    environment: Object.fromEntries([
      ['LANG', 'C'],
      ['constructor', 'x'],
      ['EMPTY', ''],
    ]),
    requires: ['dbus'],
    after: ['evmd'],
    category: 'syslogd',
    startTimeout: 250,
    probation: 0,
    stopSignal: 'INT',
    stopTimeout: 300_000,
    kill: 'process',
    log: '/var/log/x',
    restart: {
      limit: 0,
      window: 7_200_000,
      delay: 20_000,
      // The default maximum would be less than the delay.
      delayMax: 20_000,
      retry: 'resume',
      retryInterval: null,
    },
    limits: { nofile: 65_536, memoryMax: 512 * 2 ** 20 },
  });
});

test('decodeService: what runs by its init script is watched for after giving up', () => {
  assert.equal(read('start = ["/x"]\nmatch.exe = "/y"').restart.retry, 'resume');
  assert.equal(read('command = ["/x"]').restart.retry, 'restart');
});

test('decodeService: the settings say the retry interval that the file does not', () => {
  const decode = (text: string, retryInterval: number | null): number | null | undefined =>
    decodeService('x.toml', 'x', text, {
      ...DEFAULT_SETTINGS,
      retryInterval: retryInterval === null ? null : millis(retryInterval),
    }).spec?.restart.retryInterval;
  assert.equal(decode('command = ["/x"]', 5000), 5000);
  assert.equal(decode('command = ["/x"]', null), null);
  assert.equal(decode('command = ["/x"]\nrestart.retry_interval = "1m"', null), 60_000);
});

test('decodeService: stop, initscript, pidfile and match stand beside command as well', () => {
  const spec = read(
    'command = ["/x"]\nstop = ["/y"]\ninitscript = "z"\npidfile = "/p"\nmatch.exe = "/x"',
  );
  assert.deepEqual([spec.stop, spec.initscript, spec.pidfile], [['/y'], 'z', '/p']);
});

const accepted: readonly string[] = [
  'command = ["/x", ""]',
  'command = ["/bin/sh", "-c", "echo \\n"]',
  'user = "www-data"',
  'user = "DOMAIN\\\\user"',
  'user = "machine$"',
  'umask = "000"',
  'umask = "777"',
  'umask = "7"',
  'stop_signal = "SIGUSR1"',
  'start_timeout = "10ms"',
  'start_timeout = "24h"',
  'restart.limit = 10000',
  'restart.limit = 0x10',
  'restart.delay_max = "10ms"',
  'restart.delay = "1ms"',
  'limits.nofile = 16',
  'limits.memory_max = "1M"',
  'limits.memory_max = "1024K"',
  'limits.memory_max = "64T"',
  'after = []',
  'requires = ["getty@tty1", "a.b-c_d"]',
  'environment = {}',
  `environment.LONG = "${'x'.repeat(131_000)}"`,
];

for (const line of accepted) {
  test(`decodeService: ${line.slice(0, 60)} → accepted`, () => {
    read(line.startsWith('command') ? line : `command = ["/x"]\n${line}`);
  });
}

const rejected: readonly string[] = [
  'command = ["/x\\u0000"]',
  `command = ["/x", "${'x'.repeat(131_072)}"]`,
  'user = ""',
  'user = "a b"',
  'umask = "1777"',
  'umask = "0o22"',
  'umask = ""',
  'stop_signal = "term"',
  'stop_signal = "SIGSIGTERM"',
  'stop_signal = "STOP"',
  'start_timeout = "9ms"',
  'start_timeout = "25h"',
  'start_timeout = "1h30m"',
  'start_timeout = " 1s"',
  'start_timeout = "1S"',
  'start_timeout = "99999999999999999999s"',
  'start_timeout = "0s"',
  'stop_timeout = "0ms"',
  'restart.window = "0s"',
  'restart.delay_max = "0s"',
  'restart.limit = 10001',
  'restart.limit = 5.0',
  'restart.limit = nan',
  'limits.nofile = 15',
  'limits.nofile = 2147483585',
  'limits.memory_max = "1023K"',
  'limits.memory_max = "65T"',
  'limits.memory_max = "512m"',
  'limits.memory_max = 512',
  'description = "a\\nb"',
  `description = "${'x'.repeat(201)}"`,
  `log = "/${'x'.repeat(4096)}"`,
  `after = [${'"a",'.repeat(1025)}]`,
  `category = "${'x'.repeat(241)}"`,
  'environment.X = ["a"]',
  `environment.LONG = "${'x'.repeat(131_072)}"`,
  '[[restart]]',
];

for (const line of rejected) {
  test(`decodeService: ${line.slice(0, 60)} → one problem, on its line`, () => {
    const text = line.startsWith('command') ? `\n${line}` : `command = ["/x"]\n${line}`;
    const problems = refuse(text);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', /^x\.toml:2: /);
  });
}

test('decodeService: carriage returns and a byte order mark are no obstacle', () => {
  assert.equal(read('\ufeffcommand = ["/x"]\r\nuser = "a"\r\n').user, 'a');
  assert.match(refuse('\ufeffcommand = ["/x"]\r\nuser = 5\r\n')[0] ?? '', /^x\.toml:2: user: /);
});

test('decodeService: 10 MB are refused unread', () => {
  const began = performance.now();
  assert.deepEqual(refuse('a = 1\n'.repeat(1_700_000)), [
    'x.toml: Cannot read the file: it is larger than 1 MiB',
  ]);
  assert.ok(performance.now() - began < 100);
});

test('decodeService: a file full of nonsense is told in fifty problems and a count', () => {
  const keys = Array.from({ length: 5000 }, (_, i) => `start_timeou${i} = 1\n`);
  const problems = refuse(keys.join(''));
  assert.equal(problems.length, 51);
  assert.match(problems[50] ?? '', /4951 more/);
});

test('decodeService: brackets without end are a problem, not an overflow', () => {
  assert.equal(refuse(`a = ${'['.repeat(100_000)}`).length, 1);
  assert.equal(refuse(`${'a.'.repeat(100_000)}a = 1`).length, 2);
});

test('decodeService: a name that is none is told beside what else is wrong', () => {
  const { spec, problems } = decodeService('a b.toml', 'a b', 'command = ["x"]');
  assert.equal(spec, null);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['ESM_CONFIG_NAME', 'ESM_CONFIG_VALUE'],
  );
});

/** Any UTF-16 unit, halves of pairs included: what a decoder of bytes could hand over, and more. */
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

/** Text made of what a service file is made of, so that most of it is nearly right. */
const fragment = fc.constantFrom(
  ...['command', 'start', 'match', 'restart', 'limit', 'environment', 'user', 'requires', 'x'],
  ...[' = ', '.', '[', ']', '{', '}', ',', '\n', '\n[', ']\n', '"', '"""', "'", "'''", '#', '\\'],
  ...['"/x"', '"1s"', '5', '-1', '1.5', 'true', '1979-05-27', '["/x"]', '{ exe = "/x" }', ' '],
);

test('decodeService: answers whatever it is given, and each problem is in the file', () => {
  const nearly = fc.array(fragment, { maxLength: 25 }).map((parts) => parts.join(''));
  const lines = fc
    .array(fc.tuple(fragment, fragment), { maxLength: 10 })
    .map((pairs) => pairs.map(([key, value]) => `${key} = ${value}\n`).join(''));
  const anything = fc.string({ unit, maxLength: 50 });
  fc.assert(
    fc.property(fc.oneof(nearly, lines, anything), (text) => {
      const { spec, problems } = decodeService('x.toml', 'x', text);
      assert.equal(spec === null, problems.length > 0);
      for (const problem of problems) {
        assert.equal(problem.file, 'x.toml');
        const line = problem.line ?? 1;
        assert.ok(line >= 1 && line <= text.split('\n').length);
        assert.ok(
          problem.line !== undefined || problem.key === undefined,
          describeProblem(problem),
        );
      }
    }),
    { numRuns: 300 },
  );
});
