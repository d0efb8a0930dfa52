/** The text of services/NAME.toml → Spec, or every problem in it. */

import type { Problem } from '../core/result.js';
import { isServiceName, SERVICE_NAME_RULE } from '../core/service/name.js';
import type { Launch, RestartPolicy, Settings, Spec } from '../core/service/spec.js';
import { millis } from '../core/units.js';
import { DEFAULT_SETTINGS, DEFAULTS, defaultLog, defaultRetry } from './defaults.js';
import { decodeDocument } from './document.js';
import { parseDuration } from './duration.js';
import type { Finding, LineOf } from './finding.js';
import { serviceKeys, serviceSchema, type ServiceKeys } from './schema.js';
import { isTable, type Table } from './value.js';

/** One file, decoded. */
export type Decoded = Readonly<{
  name: string;
  file: string;
  /** null if there is any problem: a file is used as a whole or not at all. */
  spec: Spec | null;
  problems: readonly Problem[];
  /** For problems that only show beside other files. */
  lineOf: LineOf;
}>;

/**
 * Decodes the definition of the service `name`, which is the name of `file` without ".toml".
 * `settings` say what is not said in it. Never throws.
 */
export function decodeService(
  file: string,
  name: string,
  text: string,
  settings: Settings = DEFAULT_SETTINGS,
): Decoded {
  const { value, problems, lineOf } = decodeDocument(file, text, {
    schema: serviceSchema,
    keys: serviceKeys,
    rules: findContradictions,
  });
  if (!isServiceName(name)) {
    const named = nameProblem(file, name);
    return { name, file, spec: null, problems: [named, ...problems], lineOf };
  }
  const spec = value === null ? null : toSpec(name, value, settings);
  return { name, file, spec, problems, lineOf };
}

/** The problem of a file whose name is not that of a service. */
export const nameProblem = (file: string, name: string): Problem => ({
  code: 'ESM_CONFIG_NAME',
  message: `Cannot use the file: its name without ".toml" is ${JSON.stringify(name)}, has to be ${SERVICE_NAME_RULE}`,
  file,
});

/** Which keys need each other, and which exclude each other. */
function findContradictions(document: Table): readonly Finding[] {
  const has = (key: string): boolean => Object.hasOwn(document, key);
  const findings: Finding[] = [];
  if (has('command') && has('start')) {
    findings.push({
      code: 'ESM_CONFIG_CONFLICT',
      message: 'Cannot use both "command" and "start": a service has to have exactly one of them',
      remedy: '"command" stays in the foreground, "start" puts a daemon in the background',
      key: 'start',
    });
  }
  if (!has('command') && !has('start')) {
    findings.push({
      code: 'ESM_CONFIG_MISSING',
      message:
        'Cannot start the service: it has neither "command" nor "start", has to have one of them',
      remedy: '"command" stays in the foreground, "start" puts a daemon in the background',
    });
  }
  if (has('pidfile') && !has('match')) {
    findings.push({
      code: 'ESM_CONFIG_MISSING',
      message:
        'Cannot believe the pid file: "match" is missing, has to tell the process it may name',
      remedy: 'add match = { exe = "/path/of/the/daemon" }',
      key: 'pidfile',
    });
  } else if (has('start') && !has('command') && !has('match')) {
    findings.push({
      code: 'ESM_CONFIG_MISSING',
      message: 'Cannot tell which process is the daemon: "start" has to have "match" beside it',
      remedy: 'add match = { exe = "/path/of/the/daemon" }, and pidfile if it writes one',
      key: 'start',
    });
  }
  return [...findings, ...findReversedDelays(document)];
}

function findReversedDelays(document: Table): readonly Finding[] {
  const restart = document['restart'];
  if (!isTable(restart)) return [];
  const [delay = null, most = null] = [restart['delay'], restart['delay_max']].map((value) =>
    typeof value === 'string' ? parseDuration(value) : null,
  );
  if (delay === null || most === null || delay <= most) return [];
  const message = 'Cannot use "delay_max": is less than "delay", has to be at least as long';
  return [{ code: 'ESM_CONFIG_CONFLICT', message, key: 'restart.delay_max' }];
}

function toSpec(name: string, keys: ServiceKeys, settings: Settings): Spec {
  const launch = toLaunch(keys);
  return {
    name,
    description: keys.description,
    launch,
    stop: keys.stop,
    initscript: keys.initscript,
    pidfile: keys.pidfile,
    match: keys.match,
    user: keys.user,
    group: keys.group,
    directory: keys.directory,
    umask: keys.umask,
    environment: keys.environment,
    requires: keys.requires,
    after: keys.after,
    category: keys.category ?? name,
    startTimeout: keys.start_timeout,
    probation: keys.probation,
    stopSignal: keys.stop_signal,
    stopTimeout: keys.stop_timeout,
    kill: keys.kill,
    log: keys.log ?? defaultLog(name),
    restart: toRestartPolicy(keys.restart, launch, settings),
    limits: { nofile: keys.limits.nofile, memoryMax: keys.limits.memory_max },
  };
}

/** The rules have seen to it that there is exactly one. */
const toLaunch = (keys: ServiceKeys): Launch =>
  keys.command === null
    ? { type: 'start', start: keys.start ?? [] }
    : { type: 'command', command: keys.command };

function toRestartPolicy(
  keys: ServiceKeys['restart'],
  launch: Launch,
  settings: Settings,
): RestartPolicy {
  const { limit, window, delay, delay_max: most, retry, retry_interval: interval } = keys;
  return {
    limit,
    window,
    delay,
    // A delay above the default maximum means itself.
    delayMax: most ?? millis(Math.max(delay, parseDuration(DEFAULTS.restart.delay_max) ?? delay)),
    retry: retry ?? defaultRetry(launch.type),
    retryInterval: interval === null ? settings.retryInterval : orNever(interval),
  };
}

/** "0s" means never. */
export const orNever = <T extends number>(interval: T): T | null =>
  interval === 0 ? null : interval;
