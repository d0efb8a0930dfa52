/**
 * Processes as /proc shows them. A scan reads one file of each process (its `stat`); everything
 * else is read when it is asked for, and kept. Processes vanish at any moment: what cannot be read
 * any more is null or empty, and nothing here throws as long as there is a /proc.
 *
 * A number may come to mean another process between the scan and a later look. Whoever acts on an
 * entry holds the process by pidfd first and compares `startTime`.
 */

import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { pid as toPid, type Pid } from '../core/units.js';
import type { ProcessEntry, ProcessTable } from './os.js';
import { listProcesses, readOnce } from './proc-file.js';
import { readStat, type ProcessStat } from './process-stat.js';
import { isInOurWorld } from './process-world.js';

const marks = { service: 'ESMD_SERVICE=', incarnation: 'ESMD_INCARNATION=' } as const;

export const processTable: ProcessTable = {
  scan() {
    const entries: ProcessEntry[] = [];
    for (const name of listProcesses()) {
      const entry = readEntry(Number(name));
      if (entry !== null && !entry.isKernelThread) entries.push(entry);
    }
    return entries;
  },

  read(pid) {
    if (!Number.isInteger(pid) || pid < 1) return null;
    const entry = readEntry(pid);
    // /proc/N also answers, unlisted, for a thread N that is not the first of its process.
    return entry?.leader === pid ? entry : null;
  },
};

let boot: string | null = null;

/** The random id of this boot; where the kernel does not tell, one that no other process gets. */
export function bootId(): string {
  boot ??= readOnce('/proc/sys/kernel/random/boot_id')?.toString('latin1').trim() ?? randomUUID();
  return boot;
}

function readEntry(pid: number): Entry | null {
  const stat = readStat(`/proc/${pid}`);
  return stat === null ? null : new Entry(pid, stat);
}

class Entry implements ProcessEntry {
  readonly pid: Pid;
  readonly #stat: ProcessStat;
  #status: { uid: number; leader: number } | null | undefined;
  #exe: string | null | undefined;
  #args: readonly string[] | undefined;
  #marker: ProcessEntry['marker'] | undefined;
  #isOurs: boolean | undefined;

  constructor(pid: number, stat: ProcessStat) {
    this.pid = toPid(pid);
    this.#stat = stat;
  }

  get ppid(): Pid {
    return toPid(this.#stat.parent);
  }

  get session(): Pid {
    return toPid(this.#stat.session);
  }

  get startTime(): number {
    return this.#stat.startTime;
  }

  get isZombie(): boolean {
    return this.#stat.isZombie;
  }

  get isKernelThread(): boolean {
    return this.#stat.isKernelThread;
  }

  get isFork(): boolean {
    return this.#stat.isFork;
  }

  get uid(): number | null {
    return this.#readStatus()?.uid ?? null;
  }

  /** The process that this belongs to: differs from `pid` where that is a thread's number. */
  get leader(): number | null {
    return this.#readStatus()?.leader ?? null;
  }

  get exe(): string | null {
    if (this.#exe === undefined) this.#exe = readExe(this.pid);
    return this.#exe;
  }

  get args(): readonly string[] {
    return (this.#args ??= readArgs(this.pid));
  }

  get marker(): ProcessEntry['marker'] {
    if (this.#marker === undefined) this.#marker = readMarker(this.pid);
    return this.#marker;
  }

  get isOurs(): boolean {
    return (this.#isOurs ??= isInOurWorld(this.pid));
  }

  #readStatus(): { uid: number; leader: number } | null {
    if (this.#status === undefined) this.#status = readStatus(this.pid);
    return this.#status;
  }
}

function readStatus(pid: Pid): { uid: number; leader: number } | null {
  // The kernel escapes newlines in the Name line, so no process can forge the others.
  const text = readOnce(`/proc/${pid}/status`)?.toString('latin1') ?? '';
  const leader = /^Tgid:\t(\d+)$/m.exec(text)?.[1];
  const uid = /^Uid:\t\d+\t(\d+)\t/m.exec(text)?.[1]; // real, effective, saved, filesystem
  return leader === undefined || uid === undefined
    ? null
    : { uid: Number(uid), leader: Number(leader) };
}

function readExe(pid: Pid): string | null {
  try {
    // The kernel appends this where the file was unlinked or replaced, as by an upgrade.
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return null;
  }
}

/**
 * Every argument ends with a NUL, also an empty one. A process that has written a title over its
 * arguments, as setproctitle(3) does, shows that instead.
 */
function readArgs(pid: Pid): readonly string[] {
  const text = readOnce(`/proc/${pid}/cmdline`)?.toString() ?? '';
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

function readMarker(pid: Pid): ProcessEntry['marker'] {
  const environment = readOnce(`/proc/${pid}/environ`);
  // Most processes do not have it: they are not worth decoding.
  if (!environment?.includes(marks.service)) return null;
  const entries = environment.toString().split('\0');
  const valueOf = (mark: string): string =>
    entries.find((entry) => entry.startsWith(mark))?.slice(mark.length) ?? '';
  const service = valueOf(marks.service);
  const incarnation = valueOf(marks.incarnation);
  return service !== '' && /^\d{1,15}$/.test(incarnation)
    ? { service, incarnation: Number(incarnation) }
    : null;
}
