/** The whole daemon's state: every service by name, and what is asked of them. */

import type { Severity } from '../event/event.js';
import type { Problem, Result } from '../result.js';
import type { Action as ServiceAction, Input as ServiceInput, Service } from '../service/record.js';
import { dueAt } from '../service/record.js';
import type { Spec } from '../service/spec.js';
import type { StateFile } from '../state-file.js';
import type { Instant, WallClock } from '../units.js';

/** Something about esmd itself that people are told once. */
export type Notice = Readonly<{ severity: Severity; message: string; problem: Problem | null }>;

export type Monitor = Readonly<{
  /** In start order. */
  services: ReadonlyMap<string, Service>;
  /** The requirements that hold, without unknown names and without the edges of cycles. */
  requires: ReadonlyMap<string, readonly string[]>;
  after: ReadonlyMap<string, readonly string[]>;
  /** The last readable state file; null: none yet. */
  stateFile: StateFile | null;
  /** What is wrong with the one that is there now. */
  stateFileProblem: Problem | null;
  configProblems: readonly Problem[];
  /** Told in the last step; derived into events and forgotten with the next. */
  notices: readonly Notice[];
}>;

export type Configured = Readonly<{
  type: 'configured';
  /** In start order; of a service whose file is broken now, the last good definition. */
  specs: readonly Spec[];
  requires: ReadonlyMap<string, readonly string[]>;
  after: ReadonlyMap<string, readonly string[]>;
  problems: readonly Problem[];
}>;

export type Input =
  /** esmd has read everything: look what runs. */
  | Readonly<{ type: 'begin' }>
  | Configured
  | Readonly<{ type: 'state-file'; file: StateFile }>
  | Readonly<{ type: 'state-file-problem'; problem: Problem }>
  | Readonly<{ type: 'service'; name: string; input: ServiceInput }>
  | Readonly<{
      type: 'request';
      id: number;
      verb: 'start' | 'stop' | 'restart' | 'reset';
      name: string;
      force: boolean;
    }>
  /** HUP: ends every back-off and failure at once, bounces nothing. */
  | Readonly<{ type: 'reload' }>
  | Readonly<{ type: 'continued' }>
  | Readonly<{ type: 'noticed'; notice: Notice }>
  | Readonly<{ type: 'elapsed' }>;

export type Action =
  ServiceAction | Readonly<{ type: 'reply'; id: number; result: Result<string> }>;

export type Context = Readonly<{ now: Instant; wall: WallClock }>;

export const emptyMonitor: Monitor = {
  services: new Map(),
  requires: new Map(),
  after: new Map(),
  stateFile: null,
  stateFileProblem: null,
  configProblems: [],
  notices: [],
};

/** The earliest deadline of everything; the shell arms exactly one timer from it. */
export function deadline(monitor: Monitor): Instant | null {
  let earliest: Instant | null = null;
  for (const service of monitor.services.values()) {
    const its = dueAt(service);
    if (its !== null && (earliest === null || its < earliest)) earliest = its;
  }
  return earliest;
}
