import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeService } from '../../src/config/service.js';
import { announce } from '../../src/core/monitor/announce.js';
import { emptyMonitor } from '../../src/core/monitor/monitor.js';
import { ok } from '../../src/core/result.js';
import { sequence, wallClock } from '../../src/core/units.js';
import { Facade } from '../../src/daemon/facade.js';
import { runControl } from '../helpers/control.js';
import { configured, take } from '../helpers/monitors.js';
import { now, wall } from '../helpers/services.js';
import { ask } from '../helpers/unix-client.js';

/** Mistakes that an administrator makes, in files that only root can read. */
const mistakes: readonly string[] = [
  'command = "/usr/sbin/d --pw=SECRET"',
  'command = ["SECRET"]',
  'command = ["/usr/sbin/d", "SECRET\\u0000"]',
  'command = ["/usr/sbin/d", 5318008]',
  'command = ["/usr/sbin/d", 53.18008]',
  'command = ["/usr/sbin/d", ["SECRET"]]',
  'start = "/usr/sbin/d --pw=SECRET"\nmatch.exe = "/usr/sbin/d"',
  'start = ["SECRET"]\nmatch.exe = "/usr/sbin/d"',
  'stop = "/usr/sbin/d --pw=SECRET"',
  'stop = ["/usr/sbin/d", "SECRET\\u0000"]',
  'match = "/usr/sbin/d --pw=SECRET"',
  'match = { exe = "/usr/sbin/d", args = "--pw=SECRET" }',
  'match = { exe = "/usr/sbin/d", args = ["SECRET\\u0000"] }',
  'environment = "PW=SECRET"',
  'environment = ["PW=SECRET"]',
  'environment = { "PW=SECRET" = "" }',
  'environment.PW = "SECRET\\u0000"',
  'environment.PW = 5318008',
  'environment.PW = ["SECRET"]',
  'environment = { PW = SECRET }',
];

test('what is wrong in a configuration: every user sees it, and nobody a secret', async (context) => {
  const decoded = mistakes.map((text, i) => decodeService(`m${i}.toml`, `m${i}`, text));
  for (const [i, { problems }] of decoded.entries()) assert.ok(problems.length > 0, mistakes[i]);
  const problems = decoded.flatMap((file) => file.problems);
  const [monitor] = take(emptyMonitor, { ...configured(), problems });
  const facade = new Facade({
    monitor: () => monitor,
    self: () => ({ pid: 1, since: wallClock(0), configDiffers: false, now, wall }),
    post: () => undefined,
    last: () => sequence(0),
    before: { last: sequence(0), base: sequence(0) },
    written: () => Promise.resolve(ok(undefined)),
    reload: () => Promise.resolve(),
  });
  facade.publish(announce(emptyMonitor, monitor, { wall, last: sequence(0), alarm: 'alert' }));
  const { status } = await runControl(context, facade);
  for (const path of ['/v1/status', '/v1/events?since=0&follow=false']) {
    const { text } = await ask(status, path);
    assert.match(text, /Cannot use the value: is a string/, path);
    assert.doesNotMatch(text, /SECRET|53\.?18008/, path);
  }
});
