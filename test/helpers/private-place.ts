/**
 * A mount and PID namespace in which /run is private, and any folder that a test names: there the
 * scripts of init.d are run with the paths that they have on a machine. Only root can make one.
 */

import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { temporaryFolder } from './tmp.js';

/** The checkout: this file runs from build/test/helpers. */
export const repository = join(import.meta.dirname, '../../..');

/** A file of init.d as it lies in the tree. */
export const initd = (name: string): string => join(repository, 'init.d', name);

/** The shells that the scripts have to run under, and the words that start each. */
export const shells = {
  dash: ['dash'],
  'busybox ash': ['busybox', 'ash'],
  bash: ['bash', '--posix'],
} as const;

export type Ran = Readonly<{
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}>;

export type RunOptions = Readonly<{
  /** Added to an environment that has nothing but PATH. */
  env?: Readonly<Record<string, string>>;
  stdin?: string;
  /** Default: /. */
  directory?: string;
}>;

const runTimeoutMs = 60_000;

export class PrivatePlace {
  readonly #hostPid: number;
  readonly #children: ChildProcess[];

  private constructor(hostPid: number, children: ChildProcess[]) {
    this.#hostPid = hostPid;
    this.#children = children;
  }

  /**
   * Opens a place that ends with the test. `folders` are names below `/`, such as `etc`: what is
   * written there goes to memory; `dev` is a /dev with nothing but the harmless devices.
   */
  static async open(context: TestContext, ...folders: readonly string[]): Promise<PrivatePlace> {
    const folder = temporaryFolder(context);
    const script = join(repository, 'test/fixtures/initd/place.sh');
    const namespaces = ['--mount', '--pid', '--fork', '--kill-child'];
    const keeper = spawn('unshare', [...namespaces, 'bash', script, folder, ...folders], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(keeper, 'exit');
    const children: ChildProcess[] = [];
    context.after(async () => {
      keeper.stdin.end();
      await ended;
      // nsenter(1) stops itself when its child is stopped, and then never notices that it has died.
      for (const child of children) child.kill('SIGKILL');
    });
    for await (const line of createInterface(keeper.stdout)) {
      const pid = /^ready (\d+)$/.exec(line)?.[1];
      if (pid !== undefined) return new PrivatePlace(Number(pid), children);
    }
    throw new Error('Cannot open a private place: it ended at once');
  }

  /** Starts a command inside; it is killed with the place, at the latest. */
  start(
    command: readonly string[],
    { env = {}, directory = '/' }: RunOptions = {},
  ): ChildProcessWithoutNullStreams {
    const target = ['--target', String(this.#hostPid), '--mount', '--pid'];
    // nsenter(1) would open the folder outside.
    const inFolder = ['sh', '-c', 'cd "$0" && exec "$@"', directory];
    const child = spawn('nsenter', [...target, '--', ...inFolder, ...command], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
    });
    this.#children.push(child);
    return child;
  }

  /** Runs a command inside, to its end. */
  async run(command: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const child = this.start(command, options);
    const timer = setTimeout(() => child.kill('SIGKILL'), runTimeoutMs);
    child.stdin.on('error', () => undefined).end(options.stdin ?? '');
    const [[code, signal], stdout, stderr] = await Promise.all([
      ending(child),
      text(child.stdout),
      text(child.stderr),
    ]);
    clearTimeout(timer);
    return { code, signal, stdout, stderr };
  }

  /** Runs a command that has to succeed; its stdout. */
  async must(command: readonly string[], options: RunOptions = {}): Promise<string> {
    const ran = await this.run(command, options);
    if (ran.code !== 0) {
      throw new Error(`Cannot run ${command.join(' ')}: code ${ran.code}, ${ran.stderr}`);
    }
    return ran.stdout;
  }

  /** Where a file inside is found from outside. */
  path(inside: string): string {
    return `/proc/${this.#hostPid}/root${inside}`;
  }

  read(inside: string): string {
    return readFileSync(this.path(inside), 'utf8');
  }

  exists(inside: string): boolean {
    return existsSync(this.path(inside));
  }

  write(inside: string, content: string, mode = 0o644): void {
    const path = this.path(inside);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
  }

  remove(inside: string): void {
    rmSync(this.path(inside), { recursive: true, force: true });
  }
}

async function ending(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
}
