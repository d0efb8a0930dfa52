/** esmctl(8): the client. */

import { Client } from './cli/client.js';
import { processEnvironment } from './cli/environment.js';
import { runProgram } from './cli/program.js';
import { explainSilence } from './cli/reach.js';
import { paths } from './core/paths.js';

// Whoever reads our output may stop doing so ("esmctl events | head"); that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// Not one of the answers: a bug must not be read as "it does not run".
process.on('uncaughtException', (error) => {
  console.error(error);
  process.exit(70);
});

const client = new Client({
  rootSocket: paths.rootSocket,
  statusSocket: paths.statusSocket,
  patienceMs: 3_000,
  explain: (silence) => explainSilence(silence, paths),
});

process.exitCode = await runProgram(processEnvironment(client, paths), process.argv.slice(2));
