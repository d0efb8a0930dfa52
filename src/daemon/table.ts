/**
 * The table: what runs now, for the esmd that comes after us. Written after the act, so that no
 * restart waits for a disk; what is lost between the two is found again by the marker that every
 * child carries in its environment.
 */

import * as v from 'valibot';
import type { Monitor } from '../core/monitor/monitor.js';
import type { Process } from '../core/process.js';
import type { Problem, Result } from '../core/result.js';
import { failed, ok } from '../core/result.js';
import { never } from '../core/service/enter.js';
import type { Service } from '../core/service/record.js';
import { processesOf } from '../core/service/record.js';
import type { Spec } from '../core/service/spec.js';
import type { Instant, Sequence } from '../core/units.js';
import { sequence } from '../core/units.js';
import { longestWait, serviceSchema, tableSchema } from './table-schema.js';

export type Table = Readonly<{
  services: readonly Service[];
  last: Sequence;
  /** Whether events may have been numbered after that: these were no last words. */
  mayBeBehind: boolean;
  /** Records that were not believed. */
  problems: readonly Problem[];
}>;

/** The largest table that is read: ten thousand services have less. */
export const tableLimit = 64 * 1024 * 1024;

/**
 * Turns monitors into text. A record's text is kept as long as the record is: of a thousand
 * services a change makes one anew.
 */
export class TableWriter {
  readonly #services = new WeakMap<Service, string>();
  readonly #specs = new WeakMap<Spec, string>();
  readonly #bootId: string;

  constructor(bootId: string) {
    this.#bootId = bootId;
  }

  /** Makes the texts of at most so many records that have none; whether others have none still. */
  prepare(monitor: Monitor, most: number): boolean {
    let left = most;
    for (const service of monitor.services.values()) {
      if (this.#services.has(service)) continue;
      if (left === 0) return true;
      left -= 1;
      this.#service(service);
    }
    return false;
  }

  encode(monitor: Monitor, last: Sequence, kind: 'passing' | 'last words' = 'passing'): string {
    const services = [...monitor.services.values()].map((service) => this.#service(service));
    const head = `{"version":1,"bootId":${JSON.stringify(this.#bootId)},"last":${last},"isFinal":${kind === 'last words'}`;
    return `${head},"services":[\n${services.join(',\n')}\n]}\n`;
  }

  #service(service: Service): string {
    let text = this.#services.get(service);
    if (text === undefined) {
      const { spec, ...rest } = service;
      let definition = this.#specs.get(spec);
      if (definition === undefined) this.#specs.set(spec, (definition = JSON.stringify(spec)));
      text = `{"spec":${definition},${JSON.stringify(rest).slice(1)}`;
      this.#services.set(service, text);
    }
    return text;
  }
}

/**
 * A table that is torn, poisoned, from an earlier boot or from a newer esmd is a problem, and
 * nothing of it is used; a record that makes no sense is left out.
 */
export function decodeTable(text: string, bootId: string, now: Instant): Result<Table> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return failed(unusable('is torn: it is no JSON'));
  }
  const table = v.safeParse(tableSchema, json);
  if (!table.success) return failed(unusable('is not of a form that this esmd knows'));
  if (table.output.bootId !== bootId) return failed(unusable('is from an earlier boot'));
  const services = new Map<string, Service>();
  const owned = new Set<string>();
  const problems: Problem[] = [];
  for (const record of table.output.services) {
    const service = decodeService(record, now);
    const own = service === null ? [] : processesOf(service).map(identity);
    if (service === null || services.has(service.spec.name) || own.some((one) => owned.has(one))) {
      problems.push(unusable('has a record that makes no sense'));
      continue;
    }
    services.set(service.spec.name, service);
    for (const one of own) owned.add(one);
  }
  return ok({
    services: [...services.values()],
    last: sequence(table.output.last),
    mayBeBehind: table.output.isFinal !== true,
    problems,
  });
}

function decodeService(record: unknown, now: Instant): Service | null {
  const decoded = v.safeParse(serviceSchema, record);
  if (!decoded.success) return null;
  // The schema has checked every field; only the brands of its numbers are added here.
  const service = decoded.output as unknown as Service;
  return isOfNow(service, now) ? service : null;
}

/** A boot has one monotonic clock: nothing has begun after now, and every wait has an end. */
function isOfNow(
  { actual, since, failures, announcedStop, desired }: Service,
  now: Instant,
): boolean {
  // Nobody ends a start command that is left alone.
  const isEndless =
    desired !== 'up' &&
    actual.state === 'starting' &&
    actual.phase === 'launching' &&
    actual.deadline === never;
  const due = [
    'deadline' in actual && !isEndless ? actual.deadline : null,
    'nextLook' in actual ? actual.nextLook : null,
    announcedStop?.overdueAt ?? null,
  ];
  return (
    [since, ...failures].every((at) => at <= now) &&
    due.every((at) => at === null || at - now <= longestWait)
  );
}

const identity = ({ pid, startTime }: Process): string => `${pid}:${startTime}`;

const unusable = (what: string): Problem => ({
  code: 'ESM_TABLE_UNUSABLE',
  message: `Cannot use the table of the last esmd: it ${what}`,
  remedy: 'nothing needs to be done: running daemons are found by looking for them',
});
