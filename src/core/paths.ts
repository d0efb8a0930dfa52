/**
 * Where everything lies; see esmd(8), "FILES". The three prefixes are set once, by the packager:
 * `make install` rewrites them, and nothing at run time does.
 */

const sysconfdir = '/etc';
const rundir = '/run';
const localstatedir = '/var';

export const paths = {
  /** Holds the two below. */
  configuration: `${sysconfdir}/esmd`,
  /** Global settings; optional. */
  settings: `${sysconfdir}/esmd/esmd.toml`,
  /** One file NAME.toml for each monitored daemon. */
  services: `${sysconfdir}/esmd/services`,
  /** The control script, which alone writes the state file. */
  controlScript: `${sysconfdir}/init.d/esm`,
  /** Also reached as /var/run/esm.state. */
  stateFile: `${rundir}/esm.state`,
  /** Pid; its flock is what makes a second esmd impossible. */
  pidFile: `${rundir}/esmd.pid`,
  runFolder: `${rundir}/esmd`,
  /** What runs now; read at respawn. */
  table: `${rundir}/esmd/table.json`,
  /** The last starts of esmd itself. */
  starts: `${rundir}/esmd/starts`,
  /** Control API: root only, everything. */
  rootSocket: `${rundir}/esmd/esmd.sock`,
  /** Control API: everybody, GET only. */
  statusSocket: `${rundir}/esmd/status.sock`,
  /** NAME.log holds what a process wrote that esmd itself started. */
  logs: `${localstatedir}/log/esmd`,
} as const;
