/** The daemon's entry: handlers for signals before anything that takes time to load. */

import './daemon/signals.js';

try {
  // The check of our parent comes later, after --help and --version; but to load the rest makes
  // Node open the console anew, and keep it.
  if (process.ppid === 1) (await import('./os/stdio.js')).leaveConsole();
  const [{ run }, { version }] = await Promise.all([
    import('./daemon/run.js'),
    import('./core/version.js'),
  ]);
  await run(process.argv.slice(2), version);
} catch (error) {
  // A broken installation would be started ten times in a second, and then given up by init.
  const { slowly } = await import('./daemon/slow-exit.js');
  slowly(error);
}
