/** One thing that the driver can do to the machine. */

import { setTimeout as rest } from 'node:timers/promises';
import type { Output } from '../../../test/init/lib/enter.js';
import type { Kind } from '../services.js';
import { Violation, type World } from '../world.js';

export type Action = Readonly<{
  name: string;
  /** How often it is chosen, beside the others. */
  weight: number;
  /** It ends esmd's life, so that its memory could not be watched. */
  killsEsmd?: boolean;
  /** It cannot be done at the moment if it resolves to `null`; else what was done. */
  run: (world: World) => Promise<string | null>;
}>;

export const pause = (ms: number): Promise<unknown> => rest(ms);

/** One of these; null without. */
export const oneOf = (world: World, from: readonly Kind[]): Kind | null =>
  from.length === 0 ? null : world.random.pick(from);

/** Signals the daemon, if it lives. Its number. */
export function signalMain(
  world: World,
  kind: Kind,
  signal: NodeJS.Signals = 'SIGKILL',
): number | null {
  const pid = world.main(kind);
  if (pid !== null) world.machine.kill(pid, signal);
  return pid;
}

/** What has to succeed, or the daemon to blame is one that dies by itself. */
export async function mustAnswer(
  world: World,
  kind: Kind | null,
  command: readonly string[],
): Promise<Output> {
  const output = await world.machine.run(command, { timeoutMs: 40_000 });
  if (output.code === 0 || (kind?.isMortal === true && output.code === 1)) return output;
  const { code, stdout, stderr } = output;
  throw new Violation(`${command.join(' ')}: exit status ${code}\n${stdout}${stderr}`);
}
