/** What esmctl writes, and what becomes of it when that cannot be written. */

import { errorCode } from '../os/error-code.js';
import { exitCode } from './exit-code.js';

const { stdout, stderr } = process;

/** Node writes to a file at once, and throws; of pipes and terminals it tells later. */
export function guardOutput(): void {
  stdout.on('error', leave);
  stderr.on('error', () => undefined);
}

export function writeOut(text: string | Uint8Array): void {
  try {
    stdout.write(text);
  } catch (error) {
    leave(error);
  }
}

/** Who does not want to hear what is wrong is told by the exit status. */
export function writeError(text: string): void {
  try {
    stderr.write(text);
  } catch {
    // There is nobody left to tell.
  }
}

/** Whoever reads our output may stop doing so ("esmctl events | head"); that is no error. */
function leave(error: unknown): never {
  const code = errorCode(error);
  if (code === 'EPIPE') process.exit(exitCode.ok);
  writeError(`esmctl: Cannot write: ${code}\n`);
  process.exit(exitCode.no);
}
