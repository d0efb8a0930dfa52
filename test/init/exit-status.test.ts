/** Exit statuses of esmd that init does not log. Here process 1 is a script, and writes them down. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Guarded, stateFile } from './lib/guarded.js';
import { Machine } from './lib/machine.js';
import { installedEsmd } from './lib/stage.js';

const record = '/run/statuses';

/** A machine whose process 1 is this text of sh(1); resolves when esmd answers. */
async function bootScript(context: TestContext, text: string): Promise<Guarded> {
  const machine = await Machine.boot({
    ...installedEsmd(),
    init: ['/bin/sh', '/opt/init'],
    files: { '/opt/init': text, '/run/esm.state': stateFile('mode run') },
    powerOff: ['/bin/false'],
  });
  context.after(() => machine.destroy());
  const guarded = new Guarded(machine);
  await guarded.waitUntilReachable();
  return guarded;
}

const statuses = ({ machine }: Guarded, timeoutMs?: number): Promise<string> =>
  machine.waitFor(() => machine.files.readIfThere(record), 'an exit status', timeoutMs);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal}: 0`, async (context) => {
    const respawn = `while :; do /usr/sbin/esmd; echo "$?" >>${record}; done\n`;
    const guarded = await bootScript(context, respawn);
    await guarded.signalEsmd(signal);
    assert.equal(await statuses(guarded), '0\n');
  });
}

test('another instance has the lock: 75', async (context) => {
  const twice = `/usr/sbin/esmd &
until [ -S /run/esmd/esmd.sock ]; do sleep 0.1; done
/usr/sbin/esmd -a
echo "$?" >${record}
wait
`;
  const guarded = await bootScript(context, twice);
  const holder = await guarded.esmdPid();
  assert.equal(await statuses(guarded, 25_000), '75\n');
  assert.equal(await guarded.esmdPid(), holder);
});
