/** What a machine must not leave on the host. */

import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Traces } from './machine.js';
import { stageFolder } from './keeper.js';
import { readProcess } from './processes.js';

/** Descriptions of what is still there of a machine; none when all of it has gone. */
export function leftoversOf({ namespace, keeper, cgroups }: Traces): readonly string[] {
  return [
    ...processesIn(namespace).map((pid) => `process ${pid}: ${commandOf(pid)}`),
    ...(isRunning(String(keeper)) ? [`keeper ${keeper}`] : []),
    ...cgroups.filter((folder) => existsSync(folder)),
    ...readdirSync(stageFolder()),
  ];
}

/** The host's mounts and the names in the folder of temporary files. */
export function hostState(): Readonly<{ mounts: string; temporary: readonly string[] }> {
  return {
    mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
    // Other tests run at the same time: only what a machine could have made counts.
    temporary: readdirSync(tmpdir()).filter((name) => name.startsWith('esmd-cache-')),
  };
}

function processesIn(namespace: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return isRunning(name) && readlinkSync(`/proc/${name}/ns/pid`) === namespace;
    } catch {
      return false; // It has ended, or belongs to somebody else.
    }
  });
}

/** Is it a process, and not a zombie? Orphans wait for the host's init, which may take its time. */
function isRunning(name: string): boolean {
  const process = /^[0-9]+$/.test(name) ? readProcess('/proc', Number(name)) : null;
  return process !== null && process.state !== 'Z' && process.state !== 'X';
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return 'has ended';
  }
}
