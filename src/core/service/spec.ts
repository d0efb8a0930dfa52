/**
 * What the administrator wrote about one service, decoded, complete and in the core's units.
 * The configuration layer makes it; the core only reads it.
 */

import type { Millis } from '../units.js';

/** Names without the SIG prefix, as in kill(1). */
export type SignalName = 'HUP' | 'INT' | 'QUIT' | 'KILL' | 'USR1' | 'USR2' | 'TERM' | 'CONT';

/** How the main process is recognised; both `exe` and, if given, `args` and `user` must hold. */
export type Match = Readonly<{
  /** Absolute path, compared with /proc/PID/exe. */
  exe: string;
  /** All arguments after the program's name; null: any. */
  args: readonly string[] | null;
  /** A user's name; null: any. */
  user: string | null;
}>;

/** Who starts the process: esmd itself, or a command that leaves a daemon behind. */
export type Launch =
  | Readonly<{ type: 'command'; command: readonly string[] }>
  | Readonly<{ type: 'start'; start: readonly string[] }>;

export type RestartPolicy = Readonly<{
  /** More failures than this within `window`, or in a row, and we give up. */
  limit: number;
  window: Millis;
  delay: Millis;
  delayMax: Millis;
  /** After giving up: try again at intervals, or only watch for the daemon. */
  retry: 'restart' | 'resume';
  /** null: never. */
  retryInterval: Millis | null;
}>;

export type Limits = Readonly<{
  /** RLIMIT_NOFILE, soft and hard; null: the one esmd was started with. */
  nofile: number | null;
  /** Bytes for memory.max of the service's cgroup; null: none. */
  memoryMax: number | null;
}>;

export type Spec = Readonly<{
  name: string;
  description: string;
  launch: Launch;
  stop: readonly string[] | null;
  initscript: string | null;
  pidfile: string | null;
  match: Match | null;
  user: string | null;
  group: string | null;
  directory: string;
  umask: number;
  environment: Readonly<Record<string, string>>;
  requires: readonly string[];
  after: readonly string[];
  category: string;
  startTimeout: Millis;
  probation: Millis;
  stopSignal: SignalName;
  stopTimeout: Millis;
  kill: 'group' | 'process';
  log: string;
  restart: RestartPolicy;
  limits: Limits;
}>;

/** The global settings of esmd.toml. */
export type Settings = Readonly<{
  /** `-a` in the file: give up at alert instead of emergency. */
  priority: 'emergency' | 'alert';
  /** Default of restart.retry_interval; the option -r overrides it. */
  retryInterval: Millis | null;
}>;
