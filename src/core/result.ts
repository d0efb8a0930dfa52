/** Expected failure as a value. Exceptions are left for bugs. */

/** What is wrong, with what, and what to do about it. */
export type Problem = Readonly<{
  /** Stable and documented, such as `ESM_CONFIG_CYCLE`. */
  code: string;
  /** One sentence without a full stop: the action, a colon, what is and what has to be. */
  message: string;
  /** What the user can do; one sentence without a full stop. */
  remedy?: string;
  /** Where: a file, a line (from 1) and a dotted key in it. */
  file?: string;
  line?: number;
  key?: string;
}>;

export type Result<T, P = Problem> =
  Readonly<{ ok: true; value: T }> | Readonly<{ ok: false; problem: P }>;

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const failed = <P>(problem: P): Result<never, P> => ({ ok: false, problem });

/** A problem as people read it: `file:line: key: message (remedy)`. */
export function describeProblem(problem: Problem): string {
  const place = [
    problem.file === undefined
      ? undefined
      : problem.line === undefined
        ? problem.file
        : `${problem.file}:${problem.line}`,
    problem.key,
  ].filter((part) => part !== undefined);
  const remedy = problem.remedy === undefined ? '' : ` (${problem.remedy})`;
  return [...place, `${problem.message}${remedy}`].join(': ');
}
