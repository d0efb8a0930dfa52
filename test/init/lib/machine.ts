/**
 * A private machine: a real init as PID 1 of namespaces of its own, with its own /etc, /var, /run,
 * /dev and network. Ended by {@link Machine.destroy}, or by the death of the test, whichever way.
 */

import { foldersOf, limitProcesses } from './cgroups.js';
import {
  entering,
  runInside,
  startInside,
  type CommandOptions,
  type Door,
  type Output,
  type Started,
} from './enter.js';
import { Keeper, type Plan } from './keeper.js';
import { isPrivileged } from './places.js';
import {
  hostPidOf,
  listProcesses,
  matches,
  pidNamespace,
  readProcess,
  type Match,
  type Process,
} from './processes.js';
import { RootFiles, type Files } from './root-files.js';

const pauseMs = 5;

export type MachineOptions = Plan &
  Readonly<{
    /** Put in place after the layers and before init begins. */
    files?: Files;
    /** Last changes, when commands can be run inside and init waits. */
    beforeInit?: (machine: Machine) => Promise<void>;
    /** The file in which the machine's syslog daemon writes. */
    syslog?: string;
    /** The command that asks its init to shut down. */
    powerOff: readonly string[];
  }>;

export type Traces = Readonly<{
  /** PID namespace, such as `pid:[4026532001]`. */
  namespace: string;
  keeper: number;
  cgroups: readonly string[];
}>;

export class Machine {
  readonly files: RootFiles;
  readonly #keeper: Keeper;
  readonly #door: Door;
  readonly #namespace: string;
  readonly #options: MachineOptions;
  #isDestroyed: Promise<void> | null = null;

  private constructor(keeper: Keeper, hostPid: number, options: MachineOptions) {
    this.#keeper = keeper;
    this.#options = options;
    this.#namespace = pidNamespace(hostPid);
    this.#door = { hostPid, isUserNamespace: !isPrivileged, cgroup: keeper.cgroups.unified };
    this.files = new RootFiles(hostPid);
  }

  /** Makes a machine and lets its init begin; what "booted" means, the caller knows. */
  static async boot(options: MachineOptions): Promise<Machine> {
    const keeper = new Keeper(options);
    try {
      const machine = new Machine(keeper, await keeper.ready(), options);
      machine.files.put(options.files ?? {});
      await options.beforeInit?.(machine);
      keeper.release();
      keeper.unref();
      return machine;
    } catch (error) {
      await keeper.end();
      throw error;
    }
  }

  /** The host's number of PID 1. */
  get hostPid(): number {
    return this.#door.hostPid;
  }

  /** Runs a command to its end, as root of the machine. */
  run(
    command: readonly string[],
    options?: CommandOptions & Readonly<{ timeoutMs?: number }>,
  ): Promise<Output> {
    return runInside(this.#door, command, options);
  }

  /** As {@link run}; rejects unless the exit code is 0. Its stdout. */
  async must(
    command: readonly string[],
    options?: CommandOptions & Readonly<{ timeoutMs?: number }>,
  ): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, options);
    if (code === 0) return stdout;
    throw new Error(`${command.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  }

  /** Starts a command that goes on; it ends with the machine at the latest. */
  start(command: readonly string[], options?: CommandOptions): Promise<Started> {
    return startInside(this.#door, command, options);
  }

  /**
   * Starts a command in the background under a number that was used before, as happens by chance on
   * a machine whose numbers have come round; a child of init, without stdio.
   */
  async startAs(pid: number, command: readonly string[]): Promise<void> {
    // pid_namespaces(7): ns_last_pid is of the namespace of the writer.
    const text =
      'echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid; shift; "$@" </dev/null >/dev/null 2>&1 & echo $!';
    const given = async (): Promise<boolean> => {
      const got = Number(await this.must(['sh', '-c', text, 'sh', String(pid), ...command]));
      if (got !== pid) this.kill(got); // Somebody else has forked in between.
      return got === pid;
    };
    await this.waitFor(given, `number ${pid} to be given again`);
  }

  /** The host's command line that runs `command` in here, for a caller with its own stdio. */
  commandLine(command: readonly string[]): readonly string[] {
    return entering(this.#door, command);
  }

  /** Signals a process by its number in the machine. False if there is none. */
  kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): boolean {
    const hostPid = hostPidOf(pid, this.#namespace);
    return hostPid !== null && process.kill(hostPid, signal);
  }

  /** The host's number of a process of the machine; null if there is none. */
  hostPidOf(pid: number): number | null {
    return hostPidOf(pid, this.#namespace);
  }

  processes(): readonly Process[] {
    return this.hasEnded ? [] : listProcesses(this.files.path('/proc'));
  }

  process(pid: number): Process | null {
    return readProcess(this.files.path('/proc'), pid);
  }

  /** Numbers of the processes that match and have not ended. */
  pids(match: Match): readonly number[] {
    return this.processes()
      .filter((process) => process.state !== 'Z' && matches(process, match))
      .map((process) => process.pid);
  }

  readFile(path: string): string {
    return this.files.read(path);
  }

  writeFile(path: string, text: string, mode?: number): void {
    this.files.write(path, text, mode);
  }

  /** What the machine's syslog daemon wrote, a line each. */
  syslogLines(): readonly string[] {
    const text = this.files.readIfThere(this.#options.syslog ?? '/var/log/syslog') ?? '';
    return text.split('\n').filter((line) => line !== '');
  }

  /** What was written to /dev/console. */
  console(): string {
    return this.#keeper.terminal.text();
  }

  /** From now on the console takes nothing more: its few kilobytes of buffer fill up. */
  freezeConsole(): void {
    this.#keeper.terminal.freeze();
  }

  thawConsole(): void {
    this.#keeper.terminal.thaw();
  }

  /** At most so many processes in what init started; null lifts it. What {@link run} runs is free. */
  limitProcesses(most: number | null): void {
    limitProcesses(this.#keeper.cgroups, most);
  }

  /** Asks init for a run level, as telinit(8) does. */
  async telinit(level: string): Promise<void> {
    await this.must(['telinit', level]);
  }

  /**
   * Polls until `probe` gives something truthy, and returns that. Fails after `timeoutMs` with
   * `what` and the machine's last words.
   */
  async waitFor<T>(
    probe: () => T | Promise<T>,
    what: string,
    timeoutMs = 10_000,
  ): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = await probe();
      if (found) return found as Exclude<T, false | null | undefined | 0 | ''>;
      if (performance.now() > deadline) {
        throw new Error(`Waited ${timeoutMs} ms in vain: ${what}\n${this.describe()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** Waits for a process that matches and is none of `not`. Its number. */
  waitForPid(match: Match, not: readonly number[] = [], timeoutMs?: number): Promise<number> {
    const find = (): number | undefined => this.pids(match).find((pid) => !not.includes(pid));
    return this.waitFor(find, `a process ${String(match)}`, timeoutMs);
  }

  /** Processes, syslog and console, for people who wonder. */
  describe(): string {
    if (this.hasEnded) return `The machine has ended.\n${this.console()}`;
    const line = ({ pid, parent, state, name, args }: Process): string =>
      `${pid} ${parent} ${state} ${args.join(' ') || name}`;
    return [
      'Processes:',
      ...this.processes().map(line),
      'Syslog:',
      ...this.syslogLines().slice(-40),
      'Console:',
      this.console().slice(-4000),
    ].join('\n');
  }

  /** What of it can be seen on the host while it runs. */
  get traces(): Traces {
    const { pid, cgroups } = this.#keeper;
    return { namespace: this.#namespace, keeper: pid, cgroups: foldersOf(cgroups) };
  }

  get hasEnded(): boolean {
    return this.#keeper.hasEnded;
  }

  /** Shuts the machine down in the way its init does it, and waits until it is off. */
  async powerOff(timeoutMs = 30_000): Promise<void> {
    await this.run(this.#options.powerOff, { timeoutMs });
    await this.waitFor(() => this.hasEnded, 'the machine to be off', timeoutMs);
    await this.destroy();
  }

  /** Ends everything at once and waits until nothing is left; may be called again. */
  destroy(): Promise<void> {
    this.#isDestroyed ??= this.#keeper.end().finally(() => {
      this.files.close();
    });
    return this.#isDestroyed;
  }
}
