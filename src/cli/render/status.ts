/** `esmctl status`: a line about esmd, a table of services, and what needs a look. */

import type { ServiceStatus, Status } from '../../core/status.js';
import { table, type Cell, type Column } from './table.js';
import { safe, truncate } from './text.js';
import { ago } from './time.js';
import { paint, type Style, type View } from './view.js';

const columns: readonly Column[] = [
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'PID', align: 'right' },
  { title: 'SINCE' },
  { title: 'RESTARTS', align: 'right' },
  { title: 'REASON' },
];

export function renderStatus(services: readonly ServiceStatus[], view: View): string {
  const rows = services.map((service) => cellsOf(service, view));
  return table(columns, rows, view) + services.map((service) => remarks(service, view)).join('');
}

/** The line above the table. */
export function renderDaemon({ esmd }: Status, view: View): string {
  const since = view.columns === null ? `since ${esmd.since}` : `for ${ago(esmd.since, view.now)}`;
  const problems = esmd.configProblems.length;
  const parts = [
    `esmd ${esmd.pid}, mode ${esmd.mode}, ${since}`,
    problems === 0
      ? ''
      : `${problems} ${problems === 1 ? 'problem' : 'problems'} in its configuration`,
    esmd.configDiffers ? 'its files have changed and "esmctl reload" would apply that' : '',
  ].filter((part) => part !== '');
  const isPlain = parts.length === 1 && esmd.mode === 'run';
  const line = safe(parts.join('; '));
  const shown = view.columns === null ? line : truncate(line, view.columns);
  return `${paint(view, isPlain ? 'dim' : 'warn', shown)}\n`;
}

function cellsOf(service: ServiceStatus, view: View): readonly Cell[] {
  const { name, pid, since, restarts, reason } = service;
  const style = styleOf(service);
  const state = { text: stateOf(service) };
  return [
    { text: name },
    style === undefined ? state : { ...state, style },
    { text: pid === null ? '-' : String(pid) },
    { text: view.columns === null ? since : ago(since, view.now) },
    { text: String(restarts) },
    { text: reason },
  ];
}

/** One word, so that the columns of piped output can be counted. */
export const stateOf = ({ state, desired }: ServiceStatus): string =>
  desired === 'unmonitored' ? `${state}/unmonitored` : state;

const styles: Readonly<Record<ServiceStatus['state'], Style | undefined>> = {
  running: 'good',
  probation: 'good',
  failed: 'bad',
  backoff: 'bad',
  spawning: 'warn',
  starting: 'warn',
  stopping: 'warn',
  stopped: undefined,
};

export function styleOf({ state, desired }: ServiceStatus): Style | undefined {
  if (desired === 'unmonitored') return 'dim';
  return desired === 'up' && state === 'stopped' ? 'warn' : styles[state];
}

function remarks({ name, differs, warnings }: ServiceStatus, view: View): string {
  const all = differs
    ? [...warnings, 'what runs differs from its definition until the next start']
    : warnings;
  return all
    .map((text) => {
      const line = safe(`${name}: ${text}`);
      const shown = view.columns === null ? line : truncate(line, view.columns);
      return `${paint(view, 'warn', shown)}\n`;
    })
    .join('');
}
