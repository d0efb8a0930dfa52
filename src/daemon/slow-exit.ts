/** The end of an esmd that could not even begin: said on stderr, and slower than init's patience. */

import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode } from './exit-code.js';

/** sysvinit gives an entry up at its tenth start within 120 s. */
const waitMs = 14_000;

export async function slowly(error: unknown): Promise<never> {
  const story = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`esmd: cannot begin: ${story}\n`);
  await sleep(waitMs);
  process.exit(exitCode.software);
}
