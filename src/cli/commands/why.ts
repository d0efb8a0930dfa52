import type { Environment } from '../environment.js';
import { exitCode, type ExitCode } from '../exit-code.js';
import { fetchService, unknownService } from '../questions.js';
import { safe } from '../render/text.js';

/** Says what is wanted of a service and by whom, what happened last, and what comes next. */
export async function why(
  env: Environment,
  name: string,
  options: Readonly<{ json?: boolean }>,
): Promise<ExitCode> {
  const service = await fetchService(env.client, name);
  if (service === null) {
    env.complain(await unknownService(env.client, name));
    return exitCode.no;
  }
  if (options.json === true) env.out(`${JSON.stringify(service, null, 2)}\n`);
  else for (const line of service.why) env.out(`${safe(line)}\n`);
  return exitCode.ok;
}
