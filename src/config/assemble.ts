/** Files beside each other: what one by itself does not show. */

import { order } from '../core/monitor/order.js';
import type { ProblemCode } from '../core/problem-codes.js';
import type { Problem } from '../core/result.js';
import { isServiceName } from '../core/service/name.js';
import type { Spec } from '../core/service/spec.js';
import { type Clash, findClashes } from './claims.js';
import type { Decoded } from './service.js';

export type Assembled = Readonly<{
  /** What is to be used, by name. */
  specs: ReadonlyMap<string, Spec>;
  /** Those of the files themselves as well; by file and line. */
  problems: readonly Problem[];
  /** Services whose file could not be used as it is. */
  unreadable: readonly string[];
}>;

/**
 * Puts decoded files together. A broken file never affects another one. Of two files for one
 * service the first counts. Of two services with the same pid file or process the first by name
 * is kept, and the other is refused. Circles and unknown services are told, and keep nothing out.
 */
export function assemble(decoded: readonly Decoded[]): Assembled {
  const files = new Map<string, Decoded>();
  const problems: Problem[] = [];
  for (const file of [...decoded].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    problems.push(...file.problems);
    const earlier = files.get(file.name);
    if (earlier === undefined) files.set(file.name, file);
    else problems.push(duplicateName(file, earlier));
  }

  // Maps keep the order of insertion, which is that of names.
  const specs = new Map<string, Spec>();
  for (const { name, spec } of files.values()) if (spec !== null) specs.set(name, spec);
  for (const clash of findClashes(specs.values())) {
    specs.delete(clash.refused.name);
    problems.push(...clashProblems(clash, files));
  }
  const known = new Set(files.keys());
  for (const { service, ...problem } of order([...specs.values()], known).problems) {
    problems.push(place(problem, files.get(service)));
  }
  const unreadable = [...files.values()]
    .filter(({ name, spec }) => spec === null && isServiceName(name))
    .map(({ name }) => name);
  return { specs, problems: problems.sort(byPlace), unreadable };
}

/** The clash as the file of either service shows it. */
function clashProblems(
  { kept, refused, key }: Clash,
  files: ReadonlyMap<string, Decoded>,
): readonly Problem[] {
  const what = key === 'pidfile' ? 'pid file' : '"match"';
  const told = (own: Spec, other: Spec): Problem =>
    place(
      {
        code: 'ESM_CONFIG_DUPLICATE' satisfies ProblemCode,
        message: `Cannot share the ${what} of "${own.name}" with "${other.name}": "${kept.name}" is kept, being the first by name, and "${refused.name}" is refused`,
        remedy: key === 'pidfile' ? 'give each its own' : 'tell them apart by args or user',
        key,
      },
      files.get(own.name),
    );
  return [told(kept, refused), told(refused, kept)];
}

const duplicateName = (file: Decoded, earlier: Decoded): Problem => ({
  code: 'ESM_CONFIG_DUPLICATE' satisfies ProblemCode,
  message: `Cannot use a second file for "${file.name}": ${earlier.file} is used`,
  file: file.file,
});

function place(problem: Problem, decoded: Decoded | undefined): Problem {
  if (decoded === undefined) return problem;
  const line = problem.key === undefined ? undefined : decoded.lineOf(problem.key);
  return { ...problem, file: decoded.file, ...(line === undefined ? {} : { line }) };
}

function byPlace(a: Problem, b: Problem): number {
  const [x, y] = [a.file ?? '', b.file ?? ''];
  if (x !== y) return x < y ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0);
}
