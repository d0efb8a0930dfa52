/** What esmctl writes to may be full, or gone. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ended, Stage } from '../helpers/esmctl.js';
import { aService, FakeDaemon } from '../helpers/fake-daemon.js';

async function staged(context: TestContext): Promise<Stage> {
  const stage = new Stage(context);
  const daemon = new FakeDaemon(aService('cron'));
  await stage.serve(daemon);
  daemon.publish('cron', { type: 'service.stopped' });
  return stage;
}

const writers = [['status'], ['status', '--json'], ['events', '--json'], ['check'], ['--help']];

for (const args of writers) {
  test(`${args.join(' ')} >/dev/full: 1, and one line`, async (context) => {
    const stage = await staged(context);
    const { code, stderr } = await stage.run(args, { redirection: '>/dev/full' });
    assert.deepEqual([code, stderr], [1, 'esmctl: Cannot write: ENOSPC\n']);
  });
}

const complainers = [
  [['why', 'nope'], 1],
  [['chekc'], 2],
] as const;

for (const [args, status] of complainers) {
  test(`${args.join(' ')} 2>/dev/full: its own status`, async (context) => {
    const stage = await staged(context);
    const { code, stdout } = await stage.run(args, { redirection: '2>/dev/full' });
    assert.deepEqual([code, stdout], [status, '']);
  });

  test(`${args.join(' ')}, and nobody reads that: its own status`, async (context) => {
    const stage = await staged(context);
    const child = stage.start(args);
    child.stderr?.destroy();
    assert.equal((await ended(child)).code, status);
  });
}

test('nothing can be written at all: 1', async (context) => {
  const stage = await staged(context);
  const { code } = await stage.run(['status'], { redirection: '>/dev/full 2>&1' });
  assert.equal(code, 1);
});
