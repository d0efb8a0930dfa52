/** The keys of the two kinds of file. esmd.toml(5) describes each of them. */

import * as v from 'valibot';
import { millis, type Millis } from '../core/units.js';
import { DEFAULTS } from './defaults.js';
import {
  account,
  args,
  command,
  duration,
  environment,
  integer,
  line,
  oneOf,
  path,
  serviceName,
  serviceNames,
  signal,
  size,
  table,
  umask,
} from './value.js';

const tenMs = millis(10);
const tenthOfSecond = millis(100);
const hour: Millis = millis(3_600_000);
const day: Millis = millis(24 * hour);

/** What a file may leave out, and what it then means; TOML itself has no null. */
const orNull = <T>(schema: v.GenericSchema<unknown, T>) => v.optional(v.nullable(schema), null);

const matchEntries = {
  exe: path,
  args: orNull(args),
  user: orNull(account),
};

const restartEntries = {
  limit: v.optional(integer(0, 10_000), DEFAULTS.restart.limit),
  window: v.optional(duration(tenMs, day), DEFAULTS.restart.window),
  delay: v.optional(duration(millis(1), hour, 'no delay'), DEFAULTS.restart.delay),
  // The defaults of these depend on others, and on the settings.
  delay_max: orNull(duration(tenMs, hour)),
  retry: orNull(oneOf('restart', 'resume')),
  retry_interval: orNull(duration(tenthOfSecond, day, 'never')),
};

const limitsEntries = {
  // From what a daemon needs at least, to the most that fs.nr_open can be set to.
  nofile: orNull(integer(16, 2_147_483_584)),
  memory_max: orNull(size),
};

const serviceEntries = {
  description: v.optional(line, DEFAULTS.description),
  command: orNull(command),
  start: orNull(command),
  stop: orNull(command),
  initscript: orNull(serviceName),
  pidfile: orNull(path),
  match: orNull(table(matchEntries)),
  user: orNull(account),
  group: orNull(account),
  directory: v.optional(path, DEFAULTS.directory),
  umask: v.optional(umask, DEFAULTS.umask),
  environment: v.optional(environment, {}),
  requires: v.optional(serviceNames, []),
  after: v.optional(serviceNames, []),
  category: orNull(serviceName),
  start_timeout: v.optional(duration(tenMs, day), DEFAULTS.start_timeout),
  probation: v.optional(duration(tenMs, hour, 'none'), DEFAULTS.probation),
  stop_signal: v.optional(signal, DEFAULTS.stop_signal),
  // Zero would send SIGKILL without a pause.
  stop_timeout: v.optional(duration(tenMs, day), DEFAULTS.stop_timeout),
  kill: v.optional(oneOf('group', 'process'), DEFAULTS.kill),
  log: orNull(path),
  restart: v.optional(table(restartEntries), {}),
  limits: v.optional(table(limitsEntries), {}),
};

const settingsEntries = {
  priority: orNull(oneOf('emergency', 'alert')),
  retry_interval: orNull(duration(tenthOfSecond, day, 'never')),
};

/** The keys at the top of a file and in each of its tables; '' is the top. */
export type KnownKeys = ReadonlyMap<string, readonly string[]>;

export const serviceSchema = table(serviceEntries);
export type ServiceKeys = v.InferOutput<typeof serviceSchema>;
export const serviceKeys: KnownKeys = new Map([
  ['', Object.keys(serviceEntries)],
  ['match', Object.keys(matchEntries)],
  ['restart', Object.keys(restartEntries)],
  ['limits', Object.keys(limitsEntries)],
]);

export const settingsSchema = table(settingsEntries);
export type SettingsKeys = v.InferOutput<typeof settingsSchema>;
export const settingsKeys: KnownKeys = new Map([['', Object.keys(settingsEntries)]]);
