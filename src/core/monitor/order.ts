/**
 * In which order services start, from what each requires and comes after. Nothing here keeps a
 * service from running: a name that does not exist, or a circle, is a problem and is then ignored.
 */

import { nearest } from '../nearest.js';
import type { ProblemCode } from '../problem-codes.js';
import type { Problem } from '../result.js';
import type { Spec } from '../service/spec.js';
import { circleThrough, findKnots, type Graph, type Knots } from './cycles.js';

/** A problem, and the service whose key it is about. */
export type OrderProblem = Problem & Readonly<{ service: string; key: 'requires' | 'after' }>;

export type Order = Readonly<{
  /** Every service, each behind those it requires or follows; otherwise by name. */
  order: readonly string[];
  /** What is left of `requires` and `after`: services that exist, and no circles. */
  requires: ReadonlyMap<string, readonly string[]>;
  after: ReadonlyMap<string, readonly string[]>;
  problems: readonly OrderProblem[];
}>;

/** In a tangle of many circles the first few show what to untie. */
const CIRCLES_LISTED = 10;

/**
 * Orders services. `expected` are names that are no mistake although no definition of them is
 * loaded, because their file is broken: they are ignored without a word.
 */
export function order(specs: readonly Spec[], expected: ReadonlySet<string> = new Set()): Order {
  const byName = new Map([...specs].sort(compareNames).map((spec) => [spec.name, spec]));
  const problems = [...byName.values()].flatMap((spec) => findUnknown(spec, byName, expected));
  const graph = new Map(
    [...byName].map(([name, spec]) => [name, known([...spec.requires, ...spec.after], byName)]),
  );
  const knots = findKnots(graph);
  problems.push(...findCircles(byName, graph, knots));

  const untangled = (names: readonly string[], of: string): readonly string[] =>
    known(names, byName).filter((name) => knots.get(name) !== knots.get(of));
  return {
    order: sort(new Map([...graph].map(([name, names]) => [name, untangled(names, name)]))),
    requires: new Map([...byName].map(([name, spec]) => [name, untangled(spec.requires, name)])),
    after: new Map([...byName].map(([name, spec]) => [name, untangled(spec.after, name)])),
    problems,
  };
}

const compareNames = (a: Spec, b: Spec): number => (a.name < b.name ? -1 : 1);

const known = (names: readonly string[], byName: ReadonlyMap<string, Spec>): readonly string[] =>
  [...new Set(names)].filter((name) => byName.has(name));

function findUnknown(
  spec: Spec,
  byName: ReadonlyMap<string, Spec>,
  expected: ReadonlySet<string>,
): readonly OrderProblem[] {
  return (['requires', 'after'] as const).flatMap((key) =>
    [...new Set(spec[key])]
      .filter((name) => !byName.has(name) && !expected.has(name))
      .map((name) => {
        const meant = nearest(name, byName.keys());
        return {
          code: 'ESM_CONFIG_UNKNOWN_SERVICE' satisfies ProblemCode,
          message: `Cannot order the start of "${spec.name}": "${name}" in "${key}" is not a service, and is ignored`,
          remedy:
            meant === null ? `add ${name}.toml or remove the name` : `did you mean "${meant}"`,
          service: spec.name,
          key,
        };
      }),
  );
}

/** One problem for every circle, until each edge on any of them has been named. */
function findCircles(
  byName: ReadonlyMap<string, Spec>,
  graph: Graph,
  knots: Knots,
): readonly OrderProblem[] {
  const named = new Set<string>();
  const listed = new Map<number, number>();
  const problems: OrderProblem[] = [];
  for (const [from, targets] of graph) {
    const knot = knots.get(from) ?? -1;
    for (const to of targets) {
      const already = listed.get(knot) ?? 0;
      if (knots.get(to) !== knot || already >= CIRCLES_LISTED || named.has(edge(from, to))) {
        continue;
      }
      const circle = circleThrough(graph, from, to);
      circle.slice(1).forEach((name, i) => named.add(edge(circle[i] ?? '', name)));
      listed.set(knot, already + 1);
      problems.push(circleProblem(byName, circle, already + 1 === CIRCLES_LISTED));
    }
  }
  return problems;
}

/** Names contain no "/". */
const edge = (from: string, to: string): string => `${from}/${to}`;

function circleProblem(
  byName: ReadonlyMap<string, Spec>,
  circle: readonly string[],
  isLastListed: boolean,
): OrderProblem {
  const keyOf = (from: string, to: string): 'requires' | 'after' =>
    byName.get(from)?.requires.includes(to) === true ? 'requires' : 'after';
  const steps = circle.slice(1).map((to, i) => {
    const from = circle[i] ?? '';
    return `"${from}" ${keyOf(from, to) === 'requires' ? 'requires' : 'comes after'} "${to}"`;
  });
  const service = circle[0] ?? '';
  return {
    code: 'ESM_CONFIG_CYCLE' satisfies ProblemCode,
    message: `Cannot order starts in a circle, and ignore these: ${steps.join(', ')}`,
    remedy: isLastListed
      ? 'remove one of them; there may be more circles among these services'
      : 'remove one of them',
    service,
    key: keyOf(service, circle[1] ?? ''),
  };
}

/** Topological order, by name among those that could be next; the graph has no circles. */
function sort(graph: Graph): readonly string[] {
  const missing = new Map([...graph].map(([name, targets]) => [name, targets.length]));
  const dependents = new Map<string, string[]>();
  for (const [name, targets] of graph) {
    for (const to of targets) {
      const list = dependents.get(to);
      if (list === undefined) dependents.set(to, [name]);
      else list.push(name);
    }
  }
  const order: string[] = [];
  const ready = [...graph.keys()].filter((name) => missing.get(name) === 0).sort();
  for (let name = ready.shift(); name !== undefined; name = ready.shift()) {
    order.push(name);
    for (const dependent of dependents.get(name) ?? []) {
      const left = (missing.get(dependent) ?? 0) - 1;
      missing.set(dependent, left);
      if (left === 0) insert(ready, dependent);
    }
  }
  return order;
}

function insert(sorted: string[], name: string): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < name) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, name);
}
