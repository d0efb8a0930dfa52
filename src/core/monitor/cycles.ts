/** Circles in a directed graph, found in time linear in its size, apart from naming them. */

/** From a name to the names it depends on; each of them is a key as well. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** An edge a → b lies on a circle exactly if both ends bear the same number here. */
export type Knots = ReadonlyMap<string, number>;

/**
 * Numbers the strongly connected components (Kosaraju): visit everything, and then, in the
 * opposite order, everything that leads there. It walks with a list of its own, because a chain
 * of thousands of services would exhaust the stack.
 */
export function findKnots(graph: Graph): Knots {
  const knots = new Map<string, number>();
  const backwards = reverse(graph);
  for (const root of finishOrder(graph).reverse()) {
    if (knots.has(root)) continue;
    const knot = knots.size;
    const open = [root];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (knots.has(name)) continue;
      knots.set(name, knot);
      open.push(...(backwards.get(name) ?? []));
    }
  }
  return knots;
}

/** Names in the order in which a walk in depth leaves them. */
function finishOrder(graph: Graph): string[] {
  const finished: string[] = [];
  const seen = new Set<string>();
  for (const root of graph.keys()) {
    const path: { name: string; next: number }[] = [];
    const enter = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      path.push({ name, next: 0 });
    };
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const child = graph.get(top.name)?.[top.next++];
      if (child !== undefined) enter(child);
      else finished.push(path.pop()?.name ?? '');
    }
  }
  return finished;
}

function reverse(graph: Graph): Graph {
  const reversed = new Map<string, string[]>([...graph.keys()].map((name) => [name, []]));
  for (const [name, targets] of graph) for (const to of targets) reversed.get(to)?.push(name);
  return reversed;
}

/** The shortest circle that begins with the edge `from` → `to`: `from`, `to`, …, `from`. */
export function circleThrough(graph: Graph, from: string, to: string): readonly string[] {
  const cameFrom = new Map<string, string>([[to, from]]);
  const open = [to];
  for (const name of open) {
    if (name === from) break;
    for (const next of graph.get(name) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      open.push(next);
    }
  }
  const circle = [from];
  for (let name = cameFrom.get(from); name !== undefined; name = cameFrom.get(name)) {
    circle.unshift(name);
    if (name === from) break;
  }
  return circle;
}
