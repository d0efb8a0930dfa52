/** Why a process could not be started, in words that name what has to be repaired. */

import { statSync } from 'node:fs';
import { constants } from 'node:os';
import type { Problem } from '../core/result.js';
import { errorCode } from './error-code.js';
import { errnoName } from './libc/library.js';
import type { SpawnAnswer, SpawnRequest } from './os.js';

type Failure = Extract<SpawnAnswer, { ok: false }>;

const { EAGAIN, ENOMEM, EMFILE, ENFILE, ENOSPC, EACCES, ENOENT, ENOEXEC, ETXTBSY, E2BIG } =
  constants.errno;

/** These say something about the machine, and nothing about the service. */
const shortages: ReadonlyMap<number, string> = new Map([
  [EAGAIN, 'no more processes can be made'],
  [ENOMEM, 'there is not enough memory'],
  [EMFILE, 'esmd has no more file descriptors'],
  [ENFILE, 'the machine has no more open files'],
  [ENOSPC, 'there is no space left'],
]);

const reasons: ReadonlyMap<number, string> = new Map([
  [EACCES, 'it may not be executed (is its filesystem mounted noexec?)'],
  [ENOENT, 'the loader that it was linked for is missing'],
  [
    ENOEXEC,
    'it is neither a program for this machine nor a script whose first line begins with #!',
  ],
  [ETXTBSY, 'it is being written to'],
  [E2BIG, 'its arguments and environment are too long'],
]);

/** `errno`: positive or negative. */
export function failureOf(errno: number, request: SpawnRequest): Failure {
  const number = Math.abs(errno);
  const shortage = shortages.get(number);
  if (shortage !== undefined) {
    return {
      ok: false,
      shortage: true,
      problem: problem('ESM_SHORTAGE', request, `${shortage} (${errnoName(number)})`),
    };
  }
  // The same numbers may come from chdir(2) or from execve(2): which one it was is looked up.
  const directory = whyNotIn(request.directory);
  if (directory !== null) {
    return refusal(problem('ESM_DIRECTORY_UNUSABLE', request, directory));
  }
  const code = number === ENOEXEC ? 'ESM_PROGRAM_NOT_EXECUTABLE' : 'ESM_SPAWN_FAILED';
  return refusal(problem(code, request, reasons.get(number) ?? errnoName(number)));
}

/** A text with a NUL in it would end there, and so be another one. */
export function unusableText(request: SpawnRequest): Problem | null {
  const { command, directory, environment } = request;
  const texts = [...command, directory, ...Object.keys(environment), ...Object.values(environment)];
  return texts.some((text) => text.includes('\0'))
    ? problem('ESM_SPAWN_FAILED', request, 'its arguments or environment contain a NUL character')
    : null;
}

/** The sources of users beyond the files of the machine were asked in vain. */
export const noAnswer = (request: SpawnRequest, error: unknown): Failure => ({
  ok: false,
  shortage: true,
  problem: problem('ESM_SHORTAGE', request, `cannot look up its user: ${errorCode(error)}`),
});

/** It was started, and cannot be watched. */
export const notHeld = (request: SpawnRequest, { message }: Problem): Failure => ({
  ok: false,
  shortage: true,
  problem: problem('ESM_SHORTAGE', request, message),
});

export const refusal = (problem: Problem): Failure => ({ ok: false, shortage: false, problem });

const problem = (code: string, { command }: SpawnRequest, why: string): Problem => ({
  code,
  message: `Cannot start "${command[0] ?? ''}": ${why}`,
});

function whyNotIn(directory: string): string | null {
  try {
    return statSync(directory).isDirectory()
      ? null
      : `its directory "${directory}" is not a directory`;
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT'
      ? `its directory "${directory}" is missing`
      : `its directory "${directory}" cannot be reached (${code})`;
  }
}
