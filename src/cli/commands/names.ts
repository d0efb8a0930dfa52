import type { Environment } from '../environment.js';
import { exitCode, type ExitCode } from '../exit-code.js';
import { fetchStatus } from '../questions.js';

/** Somebody has pressed the tabulator key and waits. */
const patienceMs = 500;

/** The services' names, one a line, for completion scripts. */
export async function names(env: Environment): Promise<ExitCode> {
  const { services } = await fetchStatus(env.client.within(patienceMs));
  for (const { name } of services) env.out(`${name}\n`);
  return exitCode.ok;
}
