import { resolve } from 'node:path';
import { checkConfiguration } from '../../config/check.js';
import { describeProblem } from '../../core/result.js';
import { diskSource, thisHost } from '../disk.js';
import type { Environment } from '../environment.js';
import { exitCode, type ExitCode } from '../exit-code.js';
import { safe } from '../render/text.js';

/**
 * Reports every problem of the installed configuration, or of drafts among what is installed.
 * Asks no daemon. No: there are problems.
 */
export async function check(
  env: Environment,
  files: readonly string[],
  options: Readonly<{ json?: boolean }>,
): Promise<ExitCode> {
  const problems = await checkConfiguration(
    env.paths,
    diskSource,
    thisHost,
    files.map((file) => resolve(file)),
  );
  if (options.json === true) {
    env.out(`${JSON.stringify({ version: 1, problems }, null, 2)}\n`);
  } else {
    for (const problem of problems) env.out(`${safe(describeProblem(problem))}\n`);
    if (problems.length === 0) env.out('no problems\n');
  }
  return problems.length === 0 ? exitCode.ok : exitCode.no;
}
