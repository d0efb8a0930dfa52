/** What is wrong in one file, before it is known on which line. */

import type { ProblemCode } from '../core/problem-codes.js';
import type { Problem } from '../core/result.js';

export type Finding = Readonly<{
  code: ProblemCode;
  message: string;
  remedy?: string;
  /** As `formatKey` writes it. */
  key?: string;
}>;

/** A file full of nonsense has no end of problems; these show what it is. */
export const FINDINGS_LISTED = 50;

/** Where keys are: line by key; the line of what contains a key if the key is not there. */
export type LineOf = (key: string) => number | undefined;

export function lineFinder(lines: () => ReadonlyMap<string, number>): LineOf {
  let found: ReadonlyMap<string, number> | undefined;
  return (key) => {
    found ??= lines();
    for (let name = key; name !== ''; name = parentOf(name)) {
      const line = found.get(name);
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

/** `a.b[0]` → `a.b` → `a` → ``. A quoted part may contain these signs; its parent is the first. */
const parentOf = (key: string): string =>
  key.slice(0, Math.max(0, key.lastIndexOf('.'), key.lastIndexOf('[')));

/** The problems of one file in the order of its lines. */
export function toProblems(
  file: string,
  findings: readonly Finding[],
  lineOf: LineOf,
): readonly Problem[] {
  const problems = findings.slice(0, FINDINGS_LISTED).map((finding): Problem => {
    const line = finding.key === undefined ? undefined : lineOf(finding.key);
    return { ...finding, file, ...(line === undefined ? {} : { line }) };
  });
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const more = findings.length - FINDINGS_LISTED;
  if (more > 0) {
    const code: ProblemCode = 'ESM_CONFIG_MORE';
    problems.push({ code, message: `Cannot list every problem: ${more} more are in it`, file });
  }
  return problems;
}
