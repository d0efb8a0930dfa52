/** What esmd guards in the private machine: a sample daemon, and rsyslogd and cron where they are. */

import type { Files } from '../init/lib/root-files.js';

export const sampleDaemon = '/usr/local/sbin/sampled';

const program = `#!/bin/sh
# A daemon that has nothing to do, and a child that would outlive it.
trap 'exit 0' TERM
while :; do
  sleep 3600 &
  wait $!
done
`;

const service = `description = "a daemon with nothing to do"
command = ["${sampleDaemon}"]
`;

/** The files of the sample daemon, and its service. */
export const sampleFiles: Files = {
  [sampleDaemon]: { text: program, mode: 0o755 },
  '/etc/esmd/services/sampled.toml': service,
};

/** Of the samples that are installed with esmd. */
export const installedSamples = ['rsyslogd', 'cron'] as const;
