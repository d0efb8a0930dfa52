import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { rehearse, type Stage } from '../../src/daemon/rehearsal.js';
import type { Spec } from '../../src/core/service/spec.js';
import { createSpawner } from '../../src/os/child.js';
import type { Exits, SpawnRequest } from '../../src/os/os.js';
import { processTable } from '../../src/os/process-table.js';
import { watch } from '../helpers/exits.js';
import { policy, spec } from '../helpers/services.js';
import { temporaryFolder } from '../helpers/tmp.js';

const kinds: Readonly<Record<string, Partial<Spec>>> = {
  'a command': {},
  'a start script': {
    launch: { type: 'start', start: ['/etc/init.d/web', 'start'] },
    pidfile: '/run/web.pid',
    match: { exe: '/usr/sbin/web', args: null, user: null },
    stop: ['/etc/init.d/web', 'stop'],
  },
  'one that gives up soon': { restart: { ...policy, limit: 1 } },
  'one with requirements': { requires: ['db'], after: ['log'] },
  'one of a user': { user: 'nobody', environment: { ESMD_SERVICE: 'web' } },
};

/** The real thing, which notes what it is asked for. */
function stage(context: TestContext): Stage & Readonly<{ asked: SpawnRequest[] }> {
  const tools = createSpawner(watch(context).exits);
  const asked: SpawnRequest[] = [];
  const spawnerFor = (exits: Exits): ReturnType<Stage['spawnerFor']> => {
    const spawner = tools.watchedBy(exits);
    return {
      spawn(request, answer) {
        asked.push(request);
        spawner.spawn(request, answer);
      },
    };
  };
  const hasSignal = (): boolean => false;
  return { processes: processTable, hasSignal, spawnerFor, asked };
}

const children = (): string =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').trim();

for (const [what, like] of Object.entries(kinds)) {
  test(`in place of ${what}, true(1) is restarted, and nothing of it is left`, async (t) => {
    const folder = temporaryFolder(t);
    const before = children();
    const played = stage(t);
    const log = join(folder, 'web.log');
    assert.equal(await rehearse(spec({ log, ...like }), played), 16);
    assert.equal(played.asked.length, 17);
    for (const { command, user, cgroup, environment } of played.asked) {
      assert.deepEqual([command, user, cgroup], [['/bin/true'], null, null]);
      assert.equal(environment['ESMD_SERVICE'], '.rehearsal');
    }
    assert.equal(children(), before);
    assert.equal(existsSync(log), false);
  });
}

test('where it cannot be started it is not tried again', async (t) => {
  const played = stage(t);
  let refused = 0;
  const spawnerFor: Stage['spawnerFor'] = () => ({
    spawn(_request, answer) {
      refused += 1;
      const problem = { code: 'ESM_SPAWN_FAILED', message: 'EAGAIN' };
      answer({ ok: false, shortage: true, problem });
    },
  });
  const began = performance.now();
  assert.equal(await rehearse(spec({}), { ...played, spawnerFor }), 0);
  assert.equal(refused, 1);
  assert.ok(performance.now() - began < 1_000);
});

test('what has to be done meanwhile is done', async (t) => {
  let others = 0;
  const timer = setInterval(() => {
    others += 1;
  }, 0);
  await rehearse(spec({}), stage(t));
  clearInterval(timer);
  assert.ok(others > 5, `${others}`);
});
