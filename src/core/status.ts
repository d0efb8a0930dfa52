/**
 * What a client is shown; the shape of `GET /v1/status` and `esmctl status --json`.
 * Version 1. Times are ISO 8601 strings. Fields may be added; none changes its meaning.
 */

export type ServiceStatus = Readonly<{
  name: string;
  description: string;
  category: string;
  desired: 'up' | 'down' | 'unmonitored';
  /** Who asked: "role", "state file", "mode", "operator", "configuration". */
  desiredBy: string;
  state:
    | 'stopped'
    | 'spawning'
    | 'starting'
    | 'probation'
    | 'running'
    | 'stopping'
    | 'backoff'
    | 'failed';
  pid: number | null;
  /** When it entered this state. */
  since: string;
  restarts: number;
  failures: number;
  lastExit: Readonly<{ at: string; code: number | null; signal: string | null }> | null;
  nextRetryAt: string | null;
  /** One sentence: why it is in this state, or what it waits for. */
  reason: string;
  /** Set where the running process was started by an older definition. */
  differs: boolean;
  /** Problems that need a look: a refused log, no pidfd. */
  warnings: readonly string[];
  /** The processes that match where none of them could be taken for the daemon. */
  ambiguous: readonly number[];
}>;

/** `GET /v1/services/NAME` on the root socket: the status and what only root sees. */
export type ServiceDetail = ServiceStatus &
  Readonly<{
    command: readonly string[];
    environment: Readonly<Record<string, string>>;
    log: string;
    requires: readonly string[];
    requiredBy: readonly string[];
    /** The lines of `esmctl why`: desired and by whom, what happened last, what comes next. */
    why: readonly string[];
    /** How long a start, probation included, and a stop may take; esmctl waits as long. */
    expectedMs: Readonly<{ start: number; stop: number }>;
  }>;

export type Status = Readonly<{
  version: 1;
  esmd: Readonly<{
    pid: number;
    since: string;
    mode: 'boot' | 'run' | 'shutdown' | 'unknown';
    configProblems: readonly string[];
    /** True where files differ from what is loaded: `esmctl reload` would change something. */
    configDiffers: boolean;
  }>;
  services: readonly ServiceStatus[];
}>;
