import type { ServiceStatus } from '../../core/status.js';
import type { Environment } from '../environment.js';
import { exitCode, type ExitCode } from '../exit-code.js';
import { fetchStatus, unknownText } from '../questions.js';
import { renderDaemon, renderStatus } from '../render/status.js';
import { isAsWanted, runs } from '../verdict.js';

export type StatusOptions = Readonly<{ json?: boolean }>;

/**
 * Shows all services, or those that are named. No: a named one does not run; without names, one
 * that should be up does not run.
 */
export async function status(
  env: Environment,
  names: readonly string[],
  options: StatusOptions,
): Promise<ExitCode> {
  const all = await fetchStatus(env.client);
  const shown: readonly ServiceStatus[] =
    names.length === 0 ? all.services : all.services.filter(({ name }) => names.includes(name));
  if (options.json === true) {
    env.out(`${JSON.stringify({ ...all, services: shown }, null, 2)}\n`);
  } else {
    const view = env.view();
    if (names.length === 0) env.out(renderDaemon(all, view));
    if (shown.length > 0) env.out(renderStatus(shown, view));
  }
  const known = all.services.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  for (const name of unknown) env.complain(unknownText(name, known));
  const isYes = shown.every(names.length === 0 ? isAsWanted : runs);
  return isYes && unknown.length === 0 ? exitCode.ok : exitCode.no;
}
