/** What esmctl's exit status says; esmctl(8), "EXIT STATUS". */

export const exitCode = {
  /** Yes, or done. */
  ok: 0,
  /** The answer is no: down, failed, unknown, or not done in time. */
  no: 1,
  usage: 2,
  /** The daemon could not be asked. */
  unreachable: 3,
  refused: 4,
  /** EX_SOFTWARE of sysexits(3): a bug must not be read as "it does not run". */
  bug: 70,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Ends a command from within: the one exception of the client that is no bug. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.exitCode = code;
  }
}

const gravity: readonly ExitCode[] = [
  exitCode.ok,
  exitCode.no,
  exitCode.refused,
  exitCode.unreachable,
  exitCode.usage,
  exitCode.bug,
];

/** The one that says more, where several services came to different ends. */
export const worse = (a: ExitCode, b: ExitCode): ExitCode =>
  gravity.indexOf(a) > gravity.indexOf(b) ? a : b;
