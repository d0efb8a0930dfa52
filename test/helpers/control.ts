/** A control server in a folder of its own, gone when the test ends. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Daemon } from '../../src/control/api.js';
import { startControl, type Control } from '../../src/control/server.js';
import type { Problem } from '../../src/core/result.js';
import { temporaryFolder } from './tmp.js';

export type Running = Readonly<{
  control: Control;
  folder: string;
  root: string;
  status: string;
  problems: Problem[];
}>;

export async function runControl(context: TestContext, daemon: Daemon): Promise<Running> {
  const folder = temporaryFolder(context);
  const root = join(folder, 'esmd.sock');
  const status = join(folder, 'status.sock');
  const problems: Problem[] = [];
  const started = await startControl(daemon, {
    rootSocket: root,
    statusSocket: status,
    onProblem: (problem) => problems.push(problem),
  });
  assert.ok(started.ok);
  context.after(() => started.value.close());
  return { control: started.value, folder, root, status, problems };
}
