/**
 * The real esmctl in a mount namespace of its own, where /run/esmd and /etc are folders of the
 * test. It has no switch for other paths, and a test needs none.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { startControl, type Control } from '../../src/control/server.js';
import type { Problem } from '../../src/core/result.js';
import type { FakeDaemon } from './fake-daemon.js';
import { temporaryFolder } from './tmp.js';

const checkout = resolve(import.meta.dirname, '../../..');

/** mount(2) follows no umask: what is bound keeps its own mode, so nobody can reach all of it. */
const enter = `
set -e
stage=$1 node=$2 checkout=$3
shift 3
mount -t tmpfs -o mode=755 none /run
mkdir /run/esmd /run/checkout
: >/run/node
: >/run/esmd.pid
mount --bind "$stage/run" /run/esmd
mount --bind "$stage/pid" /run/esmd.pid
mount --bind "$checkout" /run/checkout
mount --bind "$node" /run/node
mount --bind "$stage/etc" /etc
exec "$@"
`;

export type Ended = Readonly<{
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}>;

export type RunOptions = Readonly<{
  user?: 'root' | 'nobody';
  /** On a terminal of this many columns; stderr is then part of stdout. */
  columns?: number;
  environment?: Readonly<Record<string, string>>;
  /** As sh(1) takes it, such as `2>/dev/null`. */
  redirection?: string;
}>;

export class Stage {
  readonly folder: string;
  readonly rootSocket: string;
  readonly statusSocket: string;
  readonly pidFile: string;
  /** What the control server reported. */
  readonly problems: Problem[] = [];
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
    this.folder = temporaryFolder(context);
    for (const name of ['run', 'etc', 'etc/esmd', 'etc/esmd/services']) {
      mkdirSync(join(this.folder, name));
      chmodSync(join(this.folder, name), 0o755);
    }
    for (const name of ['passwd', 'group']) {
      copyFileSync(join('/etc', name), join(this.folder, 'etc', name));
    }
    this.rootSocket = join(this.folder, 'run/esmd.sock');
    this.statusSocket = join(this.folder, 'run/status.sock');
    this.pidFile = join(this.folder, 'pid');
    writeFileSync(this.pidFile, '', { mode: 0o600 });
  }

  /** Serves `daemon` on the sockets until the test ends. */
  async serve(daemon: FakeDaemon): Promise<Control> {
    const started = await startControl(daemon, {
      rootSocket: this.rootSocket,
      statusSocket: this.statusSocket,
      onProblem: (problem) => this.problems.push(problem),
    });
    if (!started.ok) throw new Error(started.problem.message);
    this.#context.after(() => started.value.close());
    return started.value;
  }

  /** Puts a definition of a service into place. */
  define(name: string, text: string): void {
    writeFileSync(join(this.folder, 'etc/esmd/services', `${name}.toml`), text, { mode: 0o644 });
  }

  /** Starts it and leaves it running; it is killed when the test ends. */
  start(args: readonly string[], options: RunOptions = {}): ChildProcess {
    return this.#spawn(commandFor(args, options), options);
  }

  /** A module of its own, as text, where esmctl would be. */
  async runNode(text: string): Promise<Ended> {
    return ended(this.#spawn(['/run/node', '--input-type=module', '-e', text], {}));
  }

  #spawn(command: readonly string[], { environment }: RunOptions): ChildProcess {
    const stage = ['sh', this.folder, process.execPath, checkout];
    const child = spawn('unshare', ['--mount', 'sh', '-c', enter, ...stage, ...command], {
      env: { PATH: process.env['PATH'], TERM: 'xterm', ...environment },
    });
    this.#context.after(() => {
      child.kill('SIGKILL');
    });
    return child;
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return ended(this.start(args, options));
  }
}

function commandFor(
  args: readonly string[],
  { user, columns, redirection }: RunOptions,
): readonly string[] {
  const program = ['/run/node', '/run/checkout/build/src/esmctl.js', ...args];
  const mortal = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const command = user === 'nobody' ? [...mortal, ...program] : program;
  if (redirection !== undefined) return ['sh', '-c', `exec "$@" ${redirection}`, 'sh', ...command];
  if (columns === undefined) return command;
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const line = `stty cols ${columns} rows 24 && exec ${quoted}`;
  return ['script', '--quiet', '--return', '--flush', '--command', line, '/dev/null'];
}

export function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
}
