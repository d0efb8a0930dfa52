/** Commands run inside a machine. */

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';

/** `code`: as sh(1) says it, 128 and the signal's number for a death by signal. */
export type Output = Readonly<{ code: number; stdout: string; stderr: string }>;

export type CommandOptions = Readonly<{
  environment?: Readonly<Record<string, string>>;
  /** Text for its stdin, which is empty otherwise. */
  input?: string;
}>;

/** How to get into a machine from the host. */
export type Door = Readonly<{
  hostPid: number;
  isUserNamespace: boolean;
  /** Folder of the machine's cgroup, which a visitor joins as if init had started it. */
  cgroup: string | null;
}>;

export const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const plainEnvironment: Readonly<Record<string, string>> = {
  PATH: path,
  HOME: '/root',
  TERM: 'linux',
  LANG: 'C.UTF-8',
};

/**
 * What root in a machine must not be able to do, since there is no namespace for it: set the clock,
 * load modules, reach hardware, empty the kernel's log, make device nodes.
 */
export const restrict: readonly string[] = [
  'setpriv',
  '--bounding-set',
  '-sys_time,-sys_module,-sys_rawio,-syslog,-mknod,-wake_alarm,-mac_admin,-mac_override',
];

/** The host's command line that runs `command` in the machine. */
export function entering(door: Door, command: readonly string[]): readonly string[] {
  const { hostPid, isUserNamespace, cgroup } = door;
  const user = isUserNamespace ? ['--user', '--preserve-credentials'] : [];
  const spaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup'];
  const nsenter = ['nsenter', '--target', String(hostPid), ...user, ...spaces, '--no-fork', '--'];
  return [
    'sh',
    '-c',
    joinCgroup,
    'sh',
    cgroup ?? '',
    ...nsenter,
    ...waiting,
    ...restrict,
    ...command,
  ];
}

// cgroups(7): writing 0 moves the writer, which then becomes the command.
const joinCgroup = 'if [ -n "$1" ]; then echo 0 >"$1/cgroup.procs"; fi; shift; exec "$@"';

/**
 * A shell that waits for the command from outside of its PID namespace. nsenter(1) could do that,
 * but it stops itself when its child is stopped, as killall5(8) does for a moment at a shutdown,
 * and who never reaps a child keeps the namespace from ending.
 */
const waiting = ['sh', '-c', 'exec 9>&2 2>/dev/null; "$@" 2>&9 9>&-; exit $?', 'sh'];

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function launch(door: Door, command: readonly string[], options: CommandOptions): Child {
  const [program = '', ...args] = entering(door, command);
  const env = { ...plainEnvironment, ...options.environment };
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'], cwd: '/' });
  child.stdin.on('error', () => undefined); // EPIPE: it did not read what it was given.
  child.stdin.end(options.input ?? '');
  return child;
}

/** Runs a command to its end. Rejects if that takes longer than `timeoutMs`. */
export async function runInside(
  door: Door,
  command: readonly string[],
  options: CommandOptions & Readonly<{ timeoutMs?: number }> = {},
): Promise<Output> {
  const { timeoutMs = 20_000 } = options;
  const child = launch(door, command, options);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = end(child);
  const alarm = AbortSignal.timeout(timeoutMs);
  const code = await Promise.race([ended, once(alarm, 'abort').then(() => null)]);
  if (code === null) {
    child.kill('SIGKILL');
    throw new Error(`Not done after ${timeoutMs} ms: ${command.join(' ')}\n${stdout()}${stderr()}`);
  }
  return { code, stdout: stdout(), stderr: stderr() };
}

/** A command that goes on while the test does. */
export type Started = Readonly<{
  /** In the machine. */
  pid: number;
  /** The exit code, as in {@link Output}. */
  ended: Promise<number>;
  stdout: () => string;
  stderr: () => string;
}>;

export async function startInside(
  door: Door,
  command: readonly string[],
  options: CommandOptions = {},
): Promise<Started> {
  const announcing = ['sh', '-c', 'echo $$; exec "$@"', 'sh', ...command];
  const child = launch(door, announcing, options);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = end(child);
  while (!stdout().includes('\n')) {
    await Promise.race([once(child.stdout, 'data'), ended]);
    if (child.stdout.readableEnded) break;
  }
  const [first = ''] = stdout().split('\n', 1);
  if (!/^[0-9]+$/.test(first)) throw new Error(`Cannot start ${command.join(' ')}: ${stderr()}`);
  return { pid: Number(first), ended, stdout: () => stdout().slice(first.length + 1), stderr };
}

function end(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => (text += chunk));
  return () => text;
}
