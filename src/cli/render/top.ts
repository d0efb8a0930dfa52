/** `esmctl top`: what esmd says, the machine, and what each service uses. */

import type { ServiceStatus, Status } from '../../core/status.js';
import type { Sample, Use } from '../sample.js';
import { renderDaemon, stateOf, styleOf } from './status.js';
import { table, type Cell, type Column } from './table.js';
import { truncate } from './text.js';
import { ago } from './time.js';
import type { View } from './view.js';

const columns: readonly Column[] = [
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'PID', align: 'right' },
  { title: 'PROCS', align: 'right' },
  { title: 'CPU%', align: 'right' },
  { title: 'MEMORY', align: 'right' },
  { title: 'SINCE', align: 'right' },
  { title: 'RESTARTS', align: 'right' },
];

export type TopInput = Readonly<{
  status: Status;
  sample: Sample;
  useOf: (pid: number) => Use | null;
}>;

/** The greatest users of the CPU first; among equals by name. */
export function renderTop({ status, sample, useOf }: TopInput, view: View): string {
  const services = status.services
    .map((service) => ({ service, use: service.pid === null ? null : useOf(service.pid) }))
    .sort((a, b) => (b.use?.cpu ?? -1) - (a.use?.cpu ?? -1) || compare(a.service, b.service));
  const rows = services.map(({ service, use }) => cellsOf(service, use, view));
  const { cpu, memoryUsed, memoryTotal } = sample;
  const machine = `cpu ${cpu.toFixed(1)} %, memory ${bytes(memoryUsed)} of ${bytes(memoryTotal)}`;
  const shown = view.columns === null ? machine : truncate(machine, view.columns);
  return `${renderDaemon(status, view)}${shown}\n${table(columns, rows, view)}`;
}

const compare = (a: ServiceStatus, b: ServiceStatus): number => (a.name < b.name ? -1 : 1);

function cellsOf(service: ServiceStatus, use: Use | null, view: View): readonly Cell[] {
  const style = styleOf(service);
  const state = { text: stateOf(service) };
  return [
    { text: service.name },
    style === undefined ? state : { ...state, style },
    { text: service.pid === null ? '-' : String(service.pid) },
    { text: use === null ? '-' : String(use.processes) },
    { text: use === null ? '-' : use.cpu.toFixed(1) },
    { text: use === null ? '-' : bytes(use.memory) },
    { text: ago(service.since, view.now) },
    { text: String(service.restarts) },
  ];
}

const units = ['K', 'M', 'G', 'T'] as const;

/** Three figures with a unit of 1024: `0K`, `842K`, `1.4M`, `25.3G`. */
export function bytes(count: number): string {
  let value = count / 1024;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)}${units[unit] ?? ''}`;
}
