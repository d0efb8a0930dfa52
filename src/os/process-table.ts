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
import { isInOurWorld } from './process-world.js';

/** The numbers of the stat line read last, by their number in proc_pid_stat(5). */
const fields = new Float64Array(23);

const ascii = {
  space: 0x20,
  parenthesis: 0x29,
  minus: 0x2d,
  zero: 0x30,
  X: 0x58,
  Z: 0x5a,
} as const;

/** PF_KTHREAD of include/linux/sched.h, in field 9 of /proc/PID/stat. */
const kernelThreadFlag = 0x00200000;

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
  const stat = readOnce(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // proc(5): field 2 is the command in parentheses, and may itself hold spaces, parentheses and
  // newlines; all that follows are numbers and one letter, so the last parenthesis ends it.
  const end = stat.lastIndexOf(ascii.parenthesis);
  if (end === -1) return null;
  return parseNumbers(stat, end + 3) ? new Entry(pid, stat[end + 2] ?? 0) : null;
}

/**
 * Reads fields 4 to 22 of /proc/PID/stat into `fields`; `from` is the space before the fourth.
 * By hand, because cutting the line into strings costs as much as reading it.
 */
function parseNumbers(stat: Buffer, from: number): boolean {
  let at = from;
  for (let field = 4; field <= 22; field += 1) {
    if (stat[at] !== ascii.space) return false;
    let value = 0;
    let byte: number = stat[++at] ?? ascii.space;
    const isNegative = byte === ascii.minus;
    if (isNegative) byte = stat[++at] ?? ascii.space;
    while (byte !== ascii.space && at < stat.length) {
      value = value * 10 + byte - ascii.zero;
      byte = stat[++at] ?? ascii.space;
    }
    fields[field] = isNegative ? -value : value;
  }
  return true;
}

/** Takes its numbers from `fields`, as they are at that moment. */
class Entry implements ProcessEntry {
  readonly pid: Pid;
  readonly ppid: Pid;
  readonly session: Pid;
  readonly startTime: number;
  readonly isZombie: boolean;
  readonly isKernelThread: boolean;
  #status: { uid: number; leader: number } | null | undefined;
  #exe: string | null | undefined;
  #args: readonly string[] | undefined;
  #marker: ProcessEntry['marker'] | undefined;
  #isOurs: boolean | undefined;

  constructor(pid: number, state: number) {
    this.pid = toPid(pid);
    this.ppid = toPid(fields[4] ?? 0);
    this.session = toPid(fields[6] ?? 0);
    this.startTime = fields[22] ?? 0;
    // A first thread that has ended shows Z while others live on, and so the process lives.
    // X is the moment between being reaped and being gone.
    this.isZombie = (state === ascii.Z && (fields[20] ?? 0) <= 1) || state === ascii.X;
    this.isKernelThread = ((fields[9] ?? 0) & kernelThreadFlag) !== 0;
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
