/** The end of an esmd that could not even begin: said on the console, and slower than init's patience. */

import { writeConsoleSync } from '../os/console.js';
import { exitCode } from './exit-code.js';
import { handleSignals } from './signals.js';

/** sysvinit gives an entry up at its tenth start within 120 s. */
export const patienceMs = 14_000;

export function slowly(error: unknown): void {
  const story = `esmd: cannot begin: ${storyOf(error)}`;
  // What init has opened for us is its console, and may take nothing.
  if (process.ppid === 1) writeConsoleSync([story]);
  else process.stderr.write(`${story}\n`);
  const leave = (): never => process.exit(exitCode.done);
  handleSignals({ SIGTERM: leave, SIGINT: leave });
  setTimeout(() => process.exit(exitCode.software), patienceMs);
}

/** Of a bug: with the place where it happened. */
export const storyOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
