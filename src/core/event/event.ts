/**
 * The catalogue of what esmd publishes. An event is born in monitor/announce.ts and nowhere else;
 * the log, syslog, the event stream and the metrics are renderings of it.
 */

import type { ExitStatus } from '../process.js';
import type { Problem } from '../result.js';
import type { Pid, Sequence, WallClock } from '../units.js';

/** Words of syslog(3), in its order: the index is the number that it has there. */
export const severities = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'notice',
  'info',
  'debug',
] as const;

export type Severity = (typeof severities)[number];

/** What happened to one service. */
export type ServiceEvent =
  /** A process of its own runs and is on probation; `again`: after a failure. */
  | Readonly<{ type: 'service.started'; pid: Pid; again: boolean }>
  /** It was found running; `moved`: it replaced itself; `resumed`: we had given up. */
  | Readonly<{ type: 'service.adopted'; pid: Pid; how: 'found' | 'moved' | 'resumed' }>
  /** It has survived the probation that followed our giving up. */
  | Readonly<{ type: 'service.resumed'; pid: Pid }>
  | Readonly<{ type: 'service.exited'; pid: Pid; status: ExitStatus; expected: boolean }>
  | Readonly<{ type: 'service.starting'; command: string }>
  | Readonly<{ type: 'service.start-failed'; problem: Problem }>
  | Readonly<{ type: 'service.backoff'; failures: number; retryInMs: number }>
  | Readonly<{
      type: 'service.failed';
      failures: number;
      retry: 'restart' | 'resume';
      retryInMs: number | null;
      problem: Problem | null;
    }>
  | Readonly<{ type: 'service.retry-failed'; tries: number; retryInMs: number | null }>
  | Readonly<{ type: 'service.stopping'; pid: Pid | null }>
  | Readonly<{ type: 'service.stopped' }>
  | Readonly<{ type: 'service.waiting'; for: readonly string[] }>
  | Readonly<{ type: 'service.ambiguous'; pids: readonly Pid[] }>
  | Readonly<{ type: 'service.unkillable'; pid: Pid }>
  | Readonly<{ type: 'service.shortage'; problem: Problem }>
  | Readonly<{ type: 'service.warned'; problem: Problem }>
  | Readonly<{
      type: 'service.desired';
      desired: 'up' | 'down' | 'unmonitored';
      by: 'configuration' | 'mode' | 'state file' | 'operator';
    }>
  | Readonly<{ type: 'service.differs' }>
  | Readonly<{ type: 'service.added' }>
  | Readonly<{ type: 'service.forgotten'; pid: Pid | null }>;

/** What happened to esmd itself. */
export type MonitorEvent =
  | Readonly<{ type: 'monitor.mode'; mode: 'boot' | 'run' | 'shutdown' }>
  | Readonly<{ type: 'monitor.state-file'; problem: Problem | null }>
  | Readonly<{ type: 'monitor.configured'; services: number; problems: number }>
  | Readonly<{ type: 'monitor.problem'; problem: Problem }>
  | Readonly<{ type: 'monitor.notice' }>;

/** An event as it is published. Its EVM name is `sys.unix.esm.` and the type. */
export type Event = Readonly<{
  sequence: Sequence;
  at: WallClock;
  /** The service concerned; null for esmd itself. */
  service: string | null;
  severity: Severity;
  /** The line that people read. */
  message: string;
  body: ServiceEvent | MonitorEvent;
}>;
