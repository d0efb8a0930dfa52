/** esmctl(8): the client. */

import { Client } from './cli/client.js';
import { processEnvironment } from './cli/environment.js';
import { exitCode } from './cli/exit-code.js';
import { guardOutput } from './cli/output.js';
import { runProgram } from './cli/program.js';
import { explainSilence } from './cli/reach.js';
import { paths } from './core/paths.js';

guardOutput();

// Not one of the answers: a bug must not be read as "it does not run".
process.on('uncaughtException', (error) => {
  console.error(error);
  process.exit(exitCode.bug);
});

const client = new Client({
  rootSocket: paths.rootSocket,
  statusSocket: paths.statusSocket,
  patienceMs: 3_000,
  explain: (silence) => explainSilence(silence, paths),
});

process.exitCode = await runProgram(processEnvironment(client, paths), process.argv.slice(2));
