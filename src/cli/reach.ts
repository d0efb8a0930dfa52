/** Why the daemon did not answer, as far as one can see from outside. */

import { readFile } from 'node:fs/promises';
import type { Silence } from './client.js';

export type ReachPaths = Readonly<{ pidFile: string; controlScript: string; rootSocket: string }>;

export async function explainSilence(silence: Silence, paths: ReachPaths): Promise<string> {
  const { code, mayHaveActed } = silence;
  if (code === 'EACCES') return 'Cannot reach esmd: permission denied: run as root';
  const reason = await reasonFor(code, paths);
  const doubt = mayHaveActed ? '; it may do all the same what it was asked' : '';
  return `Cannot reach esmd: ${reason}${doubt}`;
}

async function reasonFor(code: string, paths: ReachPaths): Promise<string> {
  // Loading this takes longer than all the rest of a command, and is seldom needed.
  const { holder } = await import('../os/lock.js');
  const pid = holder(paths.pidFile);
  const isAbsent = code === 'ENOENT' || code === 'ECONNREFUSED';
  if (pid === null && isAbsent) return `it is not running: nobody holds ${paths.pidFile}`;
  if (pid !== null && (await isStopped(pid))) {
    return `esmd is stopped (process ${pid}): "${paths.controlScript} enable" lets it go on`;
  }
  if (code === 'BUSY') return 'it serves too many others at the moment';
  const who = pid === null ? 'somebody listens' : `it runs as process ${pid}`;
  return code === 'ETIMEDOUT'
    ? `${who} and does not answer`
    : `${who} and ${paths.rootSocket} gives ${code}`;
}

/** State T of proc_pid_stat(5): SIGSTOP, which is what "disable" sends. */
async function isStopped(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // The name before it is in parentheses and may have any character.
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}
