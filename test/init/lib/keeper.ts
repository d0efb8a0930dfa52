/** The host's side of a machine's life: the keeper process, its life line and the hand-over. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { foldersOf, nameCgroups, type Cgroups } from './cgroups.js';
import { plainEnvironment, restrict } from './enter.js';
import { cacheFolder, isPrivileged, script } from './places.js';
import { Terminal } from './terminal.js';

/** What a machine is made of. Paths of layers and the first of each bind are the host's. */
export type Plan = Readonly<{
  /** Program and arguments of PID 1. */
  init: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Archives (.tar) and Debian packages to unpack, in this order. */
  layers?: readonly string[];
  /** Folders besides /usr where the host's content shows through; what is written stays inside. */
  overlays?: readonly string[];
  /** From, to: shown read-only. */
  binds?: readonly (readonly [string, string])[];
}>;

/** A Node that is not below /usr has to be shown to the machine, at the same place. */
const nodeItself: readonly (readonly [string, string])[] = process.execPath.startsWith('/usr/')
  ? []
  : [[process.execPath, process.execPath]];

/** An empty folder of the host that every machine mounts its own filesystems on. */
export const stageFolder = (): string => cacheFolder('mnt');

const readyTimeoutMs = 60_000;
const endTimeoutMs = 10_000;

export class Keeper {
  readonly terminal = new Terminal();
  readonly cgroups: Cgroups;
  readonly #child: ChildProcess;
  readonly #go: Writable;
  #stdout = '';
  #stderr = '';
  #hostPid = 0;
  #startTime = '';

  constructor(plan: Plan) {
    this.cgroups = nameCgroups();
    const { unified } = this.cgroups;
    const { PATH } = plainEnvironment;
    const lines = (list: readonly string[] = []): string => list.join('\n');
    const user = isPrivileged ? [] : ['--user', '--map-root-user'];
    const spaces = ['--pid', '--fork', '--kill-child', '--mount', '--net', '--uts', '--ipc'];
    const environment = Object.entries({ ...plainEnvironment, ...plan.environment });
    const clean = ['env', '-i', ...environment.map(([name, value]) => `${name}=${value}`)];
    const inside = ['sh', script('inside.sh'), ...clean, ...restrict, ...plan.init];
    const child = spawn('sh', [script('keeper.sh'), ...user, ...spaces, '--cgroup', ...inside], {
      // A session of its own: an interrupt typed at the terminal is for the test, which then
      // ends, which the life line tells the keeper.
      detached: true,
      cwd: '/',
      env: {
        PATH,
        MACHINE_STAGE: stageFolder(),
        MACHINE_CONSOLE: this.terminal.path,
        MACHINE_USER_NAMESPACE: isPrivileged ? 'no' : 'yes',
        MACHINE_CGROUP: unified === null ? 'no' : 'yes',
        MACHINE_CGROUPS: lines(foldersOf(this.cgroups)),
        MACHINE_OVERLAYS: (plan.overlays ?? []).join(' '),
        MACHINE_LAYERS: lines(plan.layers),
        MACHINE_BINDS: lines([...nodeItself, ...(plan.binds ?? [])].map((bind) => bind.join('\t'))),
      },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#go = child.stdio[3] as Writable;
    this.#go.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Has everything of the machine ended, and its traces been removed? */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves when {@link hasEnded} has become true. */
  async ended(): Promise<void> {
    if (!this.hasEnded) await once(this.#child, 'exit');
  }

  /** Waits until the root is laid out; PID 1 then waits for {@link release}. Its host pid. */
  async ready(): Promise<number> {
    const deadline = performance.now() + readyTimeoutMs;
    let found: RegExpExecArray | null = null;
    while (found === null) {
      if (this.hasEnded || performance.now() > deadline) {
        throw new Error(`Cannot make a machine: ${this.#stderr.trim()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      found = /^ready (\d+)$/m.exec(this.#stdout);
    }
    this.#hostPid = Number(found[1]);
    this.#startTime = startTimeOf(this.#hostPid);
    return this.#hostPid;
  }

  /** Lets init begin. */
  release(): void {
    this.#go.end('go\n');
  }

  /** From here on a machine that is still running does not keep the test process alive. */
  unref(): void {
    this.#child.unref();
    for (const stream of this.#child.stdio) (stream as { unref?: () => void } | null)?.unref?.();
  }

  /** Kills PID 1, and with it everything (pid_namespaces(7)), and waits until nothing is left. */
  async end(): Promise<void> {
    this.#child.ref();
    if (this.#isAlive()) {
      // Its death is waited for by its parent, which the life line would kill.
      process.kill(this.#hostPid, 'SIGKILL');
      await this.#endsWithin(endTimeoutMs);
    }
    this.#child.stdin?.end();
    if (!(await this.#endsWithin(endTimeoutMs))) {
      throw new Error(`A machine does not end: ${this.#stderr}`);
    }
    await this.terminal.close();
  }

  async #endsWithin(timeoutMs: number): Promise<boolean> {
    await Promise.race([this.ended(), once(AbortSignal.timeout(timeoutMs), 'abort')]);
    return this.hasEnded;
  }

  #isAlive(): boolean {
    if (this.hasEnded || this.#hostPid === 0) return false;
    return startTimeOf(this.#hostPid) === this.#startTime;
  }
}

function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
