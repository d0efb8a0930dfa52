/** Monitors, and inputs to them, for tests of the core. */

import type {
  Action,
  Configured,
  Context,
  Input,
  Monitor,
} from '../../src/core/monitor/monitor.js';
import { emptyMonitor } from '../../src/core/monitor/monitor.js';
import { order } from '../../src/core/monitor/order.js';
import { step } from '../../src/core/monitor/step.js';
import type { Service } from '../../src/core/service/record.js';
import type { Spec } from '../../src/core/service/spec.js';
import type { DaemonState, Mode, StateFile } from '../../src/core/state-file.js';
import { actionInWords, inWords } from './rows.js';
import { now, wall } from './services.js';

export function stateFile(mode: Mode, daemons: Readonly<Record<string, DaemonState>> = {}) {
  return {
    type: 'state-file',
    file: { mode, daemons: new Map(Object.entries(daemons)), warnings: [] } satisfies StateFile,
  } as const;
}

export function configured(...specs: readonly Spec[]): Configured {
  const { order: names, requires, after } = order(specs);
  const inOrder = names.flatMap((name) => specs.filter((spec) => spec.name === name));
  return { type: 'configured', specs: inOrder, requires, after, problems: [] };
}

/** Services in mode run, whose requirements are those of their definitions. */
export function monitor(...services: readonly Service[]): Monitor {
  const { requires, after, specs } = configured(...services.map(({ spec }) => spec));
  const inOrder = specs.flatMap(({ name }) => services.filter(({ spec }) => spec.name === name));
  return {
    ...emptyMonitor,
    services: new Map(inOrder.map((service) => [service.spec.name, service])),
    requires,
    after,
    stateFile: stateFile('run').file,
  };
}

export const request = (
  verb: 'start' | 'stop' | 'restart' | 'reset',
  name: string,
  force = false,
): Input => ({ type: 'request', id: 1, verb, name, force });

export const tell = (name: string, input: Extract<Input, { type: 'service' }>['input']): Input => ({
  type: 'service',
  name,
  input,
});

/** One step; several inputs are one batch. */
export const take = (
  before: Monitor,
  inputs: Input | readonly Input[],
  context: Partial<Context> = {},
): readonly [Monitor, readonly Action[]] =>
  step(before, 'type' in inputs ? [inputs] : inputs, { now, wall, ...context });

export function serviceOf({ services }: Monitor, name = 'web'): Service {
  const service = services.get(name);
  if (service === undefined) throw new Error(`there is no service "${name}"`);
  return service;
}

/** The state of each service, by name. */
export const states = ({ services }: Monitor): Readonly<Record<string, string>> =>
  Object.fromEntries([...services].map(([name, { actual }]) => [name, inWords(actual)]));

/** What is asked for, each with the service it is for: "web: look scan"; "granted". */
export const asked = (actions: readonly Action[]): readonly string[] =>
  actions.map((action) =>
    'service' in action ? `${action.service}: ${actionInWords(action)}` : actionInWords(action),
  );
