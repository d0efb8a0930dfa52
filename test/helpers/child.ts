/** Children of a test, which do not outlive it. */

import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';

export type Child = ChildProcess & { readonly pid: number };

/** Starts a process that is killed and waited for when the test ends. Its stdio is ignored. */
export async function startProcess(
  context: TestContext,
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<Child> {
  const child = spawn(command, args, { stdio: 'ignore', ...options });
  await once(child, 'spawn');
  context.after(() => endProcess(child));
  return child as Child;
}

/** Kills a child with SIGKILL, if it has not ended, and waits until it has been reaped. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
