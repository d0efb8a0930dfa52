/** What the daemon's shell asks of a kernel, without one: processes are entries in a list. */

import type { ExitStatus } from '../../src/core/process.js';
import type { SignalName } from '../../src/core/service/spec.js';
import { instant, pid as toPid, wallClock, type Pid } from '../../src/core/units.js';
import type { PerformOs } from '../../src/daemon/perform.js';
import { executableOf } from '../../src/os/executable.js';
import type {
  Exit,
  Held,
  Precedence,
  ProcessEntry,
  SpawnAnswer,
  SpawnRequest,
} from '../../src/os/os.js';

type Entry = ProcessEntry & { isAlive: boolean };

export class Kernel {
  /** Of the monotonic clock, in milliseconds. */
  now = 100_000;
  /** How long a start takes. */
  spawnMs = 1;
  /** Of how many ends it tells at once. */
  readonly portion = 32;
  /** What a start answers with instead; null: a process. */
  refusal: Extract<SpawnAnswer, { ok: false }> | null = null;
  /** Why no process can be held; null: they can. */
  holdProblem: string | null = null;
  scans = 0;
  readonly requests: SpawnRequest[] = [];
  readonly signals: (readonly [pid: number, name: SignalName, scope: 'process' | 'group'])[] = [];
  /** Who was put into which cgroup, beside those that were started there. */
  readonly placed: (readonly [folder: string, pid: number])[] = [];
  /** Who is in a cgroup, by its folder. */
  readonly members = new Map<string, readonly Pid[]>();
  hasPrecedence = false;
  /** Whether there was precedence, at each start. */
  readonly hadPrecedence: boolean[] = [];
  /** Those that are not released. */
  readonly held = new Set<Held>();
  readonly #entries = new Map<number, Entry>();
  readonly #exits: Exit[] = [];
  #lastPid = 1000;

  /** A process; what is not said is that of a daemon of root's that init has adopted. */
  add(changes: Partial<ProcessEntry>): ProcessEntry {
    const pid = changes.pid ?? toPid((this.#lastPid += 1));
    const entry = {
      pid,
      ppid: toPid(1),
      session: pid,
      startTime: pid * 10,
      isZombie: false,
      isFork: false,
      uid: 0,
      exe: '/bin/none',
      args: [],
      marker: null,
      isOurs: true,
      isAlive: true,
      ...changes,
    };
    this.#entries.set(pid, entry);
    return entry;
  }

  /** It ends, and everybody who holds it will hear of it. */
  die(pid: number, status: ExitStatus = { type: 'signal', signal: 'SIGKILL' }): void {
    const entry = this.#entries.get(pid);
    if (entry === undefined) throw new Error(`there is no process ${pid}`);
    entry.isAlive = false;
    this.#entries.delete(pid);
    for (const held of this.held) {
      if (held.pid === pid) this.#exits.push({ held, edge: 'died', status });
    }
  }

  /** The numbers of those that live. */
  get pids(): readonly number[] {
    return [...this.#entries.keys()];
  }

  readonly precedence: Precedence = {
    take: () => {
      this.hasPrecedence = true;
    },
    leave: () => {
      this.hasPrecedence = false;
    },
  };

  readonly os: PerformOs = {
    clock: {
      now: () => instant(this.now),
      wall: () => wallClock(1_700_000_000_000 + this.now),
      bootTicks: () => Math.floor(this.now / 10),
    },
    exits: {
      hold: (pid, origin) => {
        const entry = this.#entries.get(pid);
        if (entry === undefined) {
          return { ok: false, problem: { code: 'ESM_PROCESS_GONE', message: 'it has ended' } };
        }
        return this.holdProblem === null
          ? { ok: true, value: this.#hold(entry, origin) }
          : { ok: false, problem: { code: 'ESM_PROCESS_NOT_HELD', message: this.holdProblem } };
      },
      told: () => this.#take(),
      drain: () => this.#take(),
      hasMore: () => this.#exits.length > 0,
      hasNews: () => this.#exits.length > 0,
      close: () => undefined,
    },
    processes: {
      scan: () => {
        this.scans += 1;
        return [...this.#entries.values()];
      },
      read: (pid) => this.#entries.get(pid) ?? null,
    },
    cgroups: {
      folder: (service) => `/cgroup/${service}`,
      hasMemory: false,
      setMemoryMax: () => ({ ok: true, value: undefined }),
      place: (folder, pid) => {
        this.placed.push([folder, pid]);
        return { ok: true, value: undefined };
      },
      members: (folder) => this.members.get(folder) ?? [],
      kill: () => ({ ok: true, value: undefined }),
      remove: () => undefined,
    },
    spawner: {
      spawn: (request, answer) => {
        this.requests.push(request);
        this.hadPrecedence.push(this.hasPrecedence);
        this.now += this.spawnMs;
        answer(this.refusal ?? { ok: true, held: this.#start(request), warnings: [] });
      },
    },
  };

  #take(): readonly Exit[] {
    return this.#exits.splice(0, this.portion).filter(({ held }) => this.held.has(held));
  }

  #start({ command, environment }: SpawnRequest): Held {
    const { ESMD_SERVICE: service = '', ESMD_INCARNATION: incarnation } = environment;
    const entry = this.add({
      ppid: toPid(process.pid),
      exe: executableOf(command[0] ?? '').exe,
      args: command,
      marker: { service, incarnation: Number(incarnation) },
    });
    return this.#hold(entry, 'child');
  }

  #hold(entry: ProcessEntry, origin: Held['origin']): Held {
    const { pid, startTime } = entry;
    const held: Held = {
      pid,
      startTime,
      origin,
      means: 'pidfd',
      isAlive: () => this.#entries.get(pid) === entry,
      signal: (name, scope) => {
        this.signals.push([pid, name, scope]);
        return { ok: true, value: undefined };
      },
      release: () => this.held.delete(held),
    };
    this.held.add(held);
    return held;
  }
}
