/**
 * What holds where a file says nothing, written as a file would say it, and why. The samples and
 * esmd.toml(5) show the same.
 */

import { paths } from '../core/paths.js';
import type { RestartPolicy, Settings } from '../core/service/spec.js';
import { seconds } from '../core/units.js';

export const DEFAULT_SETTINGS: Settings = {
  // A daemon that esmd cannot bring back is an outage, and everybody logged in should hear of it.
  priority: 'emergency',
  // Often enough to see soon that the administrator has repaired it, and too seldom to cost much.
  retryInterval: seconds(30),
};

/** Integers are bigint, as the parser gives them. */
export const DEFAULTS = {
  // Names explain themselves; a description is for those that do not.
  description: '',
  // Always there, and never keeps a filesystem from being unmounted.
  directory: '/',
  // What init gives to rc scripts: files that others can read and only the owner can write.
  umask: '022',
  // A start script that waits for its daemon gives up by itself well within this time.
  start_timeout: '30s',
  // What cannot run for a second has not come up; broken configurations show faster than that.
  probation: '1s',
  // What kill(1) sends, and what daemons take as a request to end in order.
  stop_signal: 'TERM',
  // Time for a daemon to write down what it has in memory, and short enough for a shutdown.
  stop_timeout: '10s',
  // Workers that outlive their daemon keep its port, and the next start would fail.
  kill: 'group',
  restart: {
    // An accident may happen a few times in a minute; more is a daemon that cannot run.
    limit: 5n,
    // As long as a daemon needs at most to show, several times over, that it cannot run.
    window: '60s',
    // The first restart never waits; this lets a port or a lock be freed before the others.
    delay: '100ms',
    // Keeps the last of several restarts near enough that nobody needs to hurry it.
    delay_max: '10s',
  },
} as const;

/**
 * Who can repair what esmd has given up: for a daemon of an init script the administrator does,
 * by that script, and esmd watches for it; nobody but esmd can start a foreground program.
 */
export const defaultRetry = (launch: 'command' | 'start'): RestartPolicy['retry'] =>
  launch === 'start' ? 'resume' : 'restart';

/** One file for each service, so that none can fill or rotate the file of another. */
export const defaultLog = (name: string): string => `${paths.logs}/${name}.log`;
