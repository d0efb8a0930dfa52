import type { Environment } from '../environment.js';
import { exitCode, type ExitCode } from '../exit-code.js';
import { errorText, fetchStatus, notAccepted } from '../questions.js';

/** Has the configuration read again. No: there are problems in it, and they are shown. */
export async function reload(env: Environment): Promise<ExitCode> {
  const reply = await env.client.post('/v1/reload');
  if (reply.status !== 202) {
    env.complain(errorText(reply));
    return notAccepted(reply);
  }
  const { esmd, services } = await fetchStatus(env.client);
  for (const problem of esmd.configProblems) env.complain(problem);
  env.out(`${services.length} ${services.length === 1 ? 'service' : 'services'} configured\n`);
  return esmd.configProblems.length === 0 ? exitCode.ok : exitCode.no;
}
