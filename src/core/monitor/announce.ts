/**
 * (before, after) → events: the only place where an event is born. Nothing publishes while a step
 * is under way, so the log, the stream and the state cannot disagree.
 */

import type { Event, MonitorEvent, Severity } from '../event/event.js';
import { isSameProcess } from '../process.js';
import type { Problem } from '../result.js';
import type { Service } from '../service/record.js';
import { processesOf } from '../service/record.js';
import { monitorLine, serviceLine } from '../event/render.js';
import type { Sequence, WallClock } from '../units.js';
import { sequence } from '../units.js';
import { serviceEvents } from './announce-service.js';
import type { Monitor } from './monitor.js';

export type Announcement = Readonly<{
  wall: WallClock;
  /** The number of the last event published. */
  last: Sequence;
  /** What giving up is announced at: emergency, or alert with the option -a. */
  alarm: 'emergency' | 'alert';
}>;

export function announce(before: Monitor, after: Monitor, how: Announcement): readonly Event[] {
  const events: Event[] = [];
  const add = (body: Event['body'], service: string | null, severity: Severity, message: string) =>
    events.push({
      sequence: sequence(how.last + events.length + 1),
      at: how.wall,
      service,
      severity: severity === 'emergency' ? how.alarm : severity,
      message,
      body,
    });
  for (const [body, severity, message] of monitorEvents(before, after)) {
    add(body, null, severity, monitorLine(body, message));
  }
  const tell = (name: string, was: Service | undefined, is: Service | undefined): void => {
    if (was === is) return;
    const changes = serviceEvents(was, is, isTakenOver(was, after));
    for (const [body, severity] of changes) add(body, name, severity, serviceLine(name, body));
  };
  before.services.forEach((was, name) => tell(name, was, after.services.get(name)));
  // Services come only with a configuration.
  if (before.requires === after.requires) return events;
  after.services.forEach((is, name) => before.services.has(name) || tell(name, undefined, is));
  return events;
}

function isTakenOver(service: Service | undefined, { services }: Monitor): boolean {
  if (service === undefined || services.has(service.spec.name)) return false;
  const [process] = processesOf(service);
  const isIts = (other: Service) =>
    processesOf(other).some((one) => process !== undefined && isSameProcess(one, process));
  return process !== undefined && [...services.values()].some(isIts);
}

type Told = readonly [MonitorEvent, Severity, string];

function monitorEvents(before: Monitor, after: Monitor): readonly Told[] {
  return [
    ...stateFileEvents(before, after),
    ...(after.configProblems === before.configProblems ? [] : configured(after)),
    ...after.notices.map(({ severity, message }): Told => [
      { type: 'monitor.notice' },
      severity,
      message,
    ]),
  ];
}

function stateFileEvents(before: Monitor, after: Monitor): readonly Told[] {
  const told: Told[] = [];
  const mode = after.stateFile?.mode ?? 'unknown';
  if (mode !== 'unknown' && mode !== before.stateFile?.mode) {
    told.push([{ type: 'monitor.mode', mode }, 'notice', '']);
  }
  const problem = after.stateFileProblem;
  if (problem?.message !== before.stateFileProblem?.message) {
    const severity = problem === null ? 'notice' : 'warning';
    told.push([{ type: 'monitor.state-file', problem }, severity, '']);
  }
  if (after.stateFile === before.stateFile) return told;
  const known = new Set(warningsOf(before).map(({ message }) => message));
  const news = warningsOf(after).filter(({ message }) => !known.has(message));
  return [...told, ...news.map(asProblem('warning'))];
}

function configured(after: Monitor): readonly Told[] {
  const services = after.services.size;
  const problems = after.configProblems.length;
  return [
    ...after.configProblems.map(asProblem('error')),
    [{ type: 'monitor.configured', services, problems }, 'notice', ''],
  ];
}

const asProblem =
  (severity: Severity) =>
  (problem: Problem): Told => [{ type: 'monitor.problem', problem }, severity, ''];

/** What the state file says that makes no sense, and the daemons in it that we do not know. */
function warningsOf(monitor: Monitor): readonly Problem[] {
  const { stateFile, services } = monitor;
  if (stateFile === null) return [];
  const unknown = [...stateFile.daemons.keys()].filter((name) => !services.has(name));
  return [
    ...stateFile.warnings,
    ...unknown.map((name) => ({
      code: 'ESM_STATE_UNKNOWN_DAEMON',
      message: `Cannot follow "daemon ${name}" in the state file: no such service is configured`,
    })),
  ];
}
