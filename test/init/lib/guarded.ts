/** A light machine in which init runs esmd, and what a test asks of it. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { ask } from '../../helpers/unix-client.js';
import type { ServiceDetail, ServiceStatus, Status } from '../../../src/core/status.js';
import type { Output } from './enter.js';
import type { Entry, Init } from './inittab.js';
import { bootLight } from './light.js';
import type { Machine } from './machine.js';
import type { Match, Process } from './processes.js';
import type { Files } from './root-files.js';

export const inits: readonly Init[] = ['sysvinit', 'busybox'];

export type GuardedOptions = Readonly<{
  init?: Init;
  /** Text of /etc/esmd/services/NAME.toml by NAME. */
  services?: Readonly<Record<string, string>>;
  /** The state file's statements between `version 1` and `end`; null: no state file. */
  state?: string | null;
  files?: Files;
  /** The command of the inittab line, with options. */
  command?: string;
  /** Entries of inittab besides esmd's. */
  entries?: readonly Entry[];
  hasSyslog?: boolean;
  environment?: Readonly<Record<string, string>>;
}>;

const socket = '/run/esmd/esmd.sock';

/** Boots, waits until esmd answers (unless it is not expected to), and ends with the test. */
export async function bootGuarded(
  context: TestContext,
  options: GuardedOptions = {},
  expectsAnswer = true,
): Promise<Guarded> {
  const { init = 'sysvinit', services = {}, state = 'mode run', hasSyslog = true } = options;
  const definitions = Object.entries(services).map(
    ([name, text]) => [`/etc/esmd/services/${name}.toml`, text] as const,
  );
  const command = options.command ?? '/usr/sbin/esmd';
  const machine = await bootLight({
    init,
    hasSyslog,
    inittab: [{ id: 'es', action: 'respawn', process: command }, ...(options.entries ?? [])],
    files: {
      ...(state === null ? {} : { '/run/esm.state': stateFile(state) }),
      ...Object.fromEntries(definitions),
      ...options.files,
    },
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  context.after(() => machine.destroy());
  const guarded = new Guarded(machine);
  if (expectsAnswer) await guarded.waitUntilReachable();
  return guarded;
}

/** A command line, as TOML takes it, that runs a text of sh(1). */
export const shell = (text: string): string => JSON.stringify(['/bin/sh', '-c', text]);

/** Exactly a sleep(1) of so many seconds, and not a shell whose text names it. */
export const sleepOf = (seconds: number | string): RegExp => new RegExp(`^/bin/sleep ${seconds}$`);

export const stateFile = (statements: string): string => `version 1\n${statements}\nend\n`;

export class Guarded {
  readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  async waitUntilReachable(timeoutMs = 20_000): Promise<void> {
    await this.machine.waitFor(() => this.status().catch(() => null), 'esmd to answer', timeoutMs);
  }

  async status(): Promise<Status> {
    return (await this.#get('/v1/status')) as Status;
  }

  async service(name: string): Promise<ServiceDetail> {
    return (await this.#get(`/v1/services/${name}`)) as ServiceDetail;
  }

  async #get(path: string): Promise<unknown> {
    const { status, text } = await ask(this.machine.files.path(socket), path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return JSON.parse(text);
  }

  /** Waits until the service is as the probe wants it, and returns it. */
  waitForService(
    name: string,
    probe: (service: ServiceStatus) => boolean,
    what: string,
    timeoutMs?: number,
  ): Promise<ServiceStatus> {
    const find = async (): Promise<ServiceStatus | null> => {
      const service = await this.service(name).catch(() => null);
      return service !== null && probe(service) ? service : null;
    };
    return this.machine.waitFor(find, `${name}: ${what}`, timeoutMs);
  }

  waitForState(
    name: string,
    state: ServiceStatus['state'],
    timeoutMs?: number,
  ): Promise<ServiceStatus> {
    return this.waitForService(name, (service) => service.state === state, state, timeoutMs);
  }

  /** The service's process once it runs, on probation or beyond, under another number than `not`. */
  async waitForPid(name: string, not: number | null = null, timeoutMs?: number): Promise<number> {
    const runs = (service: ServiceStatus): boolean =>
      (service.state === 'running' || service.state === 'probation') &&
      service.pid !== null &&
      service.pid !== not;
    const { pid } = await this.waitForService(name, runs, 'a running process', timeoutMs);
    return pid ?? 0;
  }

  /** The living esmd that holds the pid file; waits for one that is not `not`. */
  esmdPid(not: number | null = null, timeoutMs = 20_000): Promise<number> {
    const find = (): number | null => {
      const pid = Number(this.machine.files.readIfThere('/run/esmd.pid') ?? 0);
      const process = pid > 0 && pid !== not ? this.machine.process(pid) : null;
      return process !== null && process.state !== 'Z' && isEsmd(process) ? pid : null;
    };
    return this.machine.waitFor(find, 'esmd', timeoutMs);
  }

  /** Kills esmd, and waits until init has started the next one and that one answers. */
  async killEsmd(signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    const old = await this.esmdPid();
    this.machine.kill(old, signal);
    const next = await this.esmdPid(old);
    const answers = async (): Promise<boolean> => (await this.status()).esmd.pid === next;
    await this.machine.waitFor(
      () => answers().catch(() => false),
      'the next esmd to answer',
      20_000,
    );
    return next;
  }

  async signalEsmd(signal: NodeJS.Signals): Promise<void> {
    this.machine.kill(await this.esmdPid(), signal);
  }

  /** Asks for it and leaves the outcome to itself; the status of the answer. */
  async ask(
    verb: 'start' | 'stop' | 'restart' | 'reset',
    name: string,
    force = false,
  ): Promise<number> {
    const socketPath = this.machine.files.path(socket);
    const body = JSON.stringify({ force });
    const question = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
    return (await ask(socketPath, `/v1/services/${name}/${verb}`, question)).status;
  }

  esmctl(...args: readonly string[]): Promise<Output> {
    return this.machine.run(['esmctl', ...args]);
  }

  /** The control script. */
  esm(...args: readonly string[]): Promise<Output> {
    return this.machine.run(['/etc/init.d/esm', ...args]);
  }

  /** Lines of esmd's in syslog, without time and host. */
  log(): readonly string[] {
    return this.machine
      .syslogLines()
      .map((line) => /(\w+\.\w+ esmd\[\d+\]: .*)$/.exec(line)?.[1])
      .filter((line) => line !== undefined);
  }

  waitForLog(pattern: RegExp, timeoutMs?: number): Promise<string> {
    const find = (): string | undefined => this.log().find((line) => pattern.test(line));
    return this.machine.waitFor(find, `a line ${String(pattern)} in syslog`, timeoutMs);
  }

  countLog(pattern: RegExp): number {
    return this.log().filter((line) => pattern.test(line)).length;
  }

  /** Waits until `pid` shows what it runs, and that nothing else matches: there is one copy. */
  async assertOnly(match: Match, pid: number): Promise<void> {
    // Just after exec its arguments are not yet to be seen.
    const seen = (): boolean => this.machine.pids(match).includes(pid);
    await this.machine.waitFor(seen, `process ${pid} to be ${String(match)}`);
    const found = this.machine.pids(match).join();
    if (found === String(pid)) return;
    assert.fail(`${found} instead of ${pid}: ${String(match)}\n${this.machine.describe()}`);
  }

  /** Replaces the state file and tells nobody. */
  writeState(statements: string): void {
    this.machine.files.replace('/run/esm.state', stateFile(statements));
  }
}

const isEsmd = ({ args }: Process): boolean => args.some((arg) => arg.endsWith('/esmd/esmd.js'));
