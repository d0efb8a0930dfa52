import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { emptyMonitor, type Monitor } from '../../../src/core/monitor/monitor.js';
import type { Actual } from '../../../src/core/service/record.js';
import { PidFileWatches } from '../../../src/daemon/pid-file-watches.js';
import { monitor } from '../../helpers/monitors.js';
import { actuals, backgroundSpec, service } from '../../helpers/services.js';
import { temporaryFolder } from '../../helpers/tmp.js';
import { waitFor } from '../../helpers/wait-for.js';

function watches(context: TestContext) {
  const folder = temporaryFolder(context);
  const path = (name: string): string => join(folder, `${name}.pid`);
  const stirred: string[] = [];
  const all = new PidFileWatches((name) => stirred.push(name));
  let before = emptyMonitor;
  const follow = (after: Monitor): void => {
    all.follow(before, after);
    before = after;
  };
  context.after(() => {
    follow(emptyMonitor);
  });
  return {
    stirred,
    be: (actual: Actual, pidfile: string | null) => {
      const spec = backgroundSpec({ pidfile: pidfile === null ? null : path(pidfile) });
      follow(monitor(service(actual, { spec })));
    },
    write: (name: string) => {
      writeFileSync(path(name), '1\n');
    },
  };
}

describe('pid files', () => {
  test('are watched while a daemon is to appear, and are looked at once before', async (t) => {
    const { stirred, be, write } = watches(t);
    be(actuals.launching, 'a');
    assert.deepEqual(stirred, []);
    be(actuals.appearing, 'a');
    assert.deepEqual(stirred, ['web']);
    write('a');
    await waitFor(() => stirred.length > 1, { what: 'the pid file' });
    const seen = stirred.length;
    be(actuals.running, 'a');
    be(actuals.appearing, null);
    assert.equal(stirred.length, seen);
  });

  test('are watched where the definition says so by now', async (t) => {
    const { stirred, be, write } = watches(t);
    be(actuals.appearing, 'a');
    be(actuals.appearing, 'b');
    assert.deepEqual(stirred, ['web', 'web']);
    write('b');
    await waitFor(() => stirred.length > 2, { what: 'the other pid file' });
  });
});
