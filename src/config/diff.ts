/** What a reload would change. */

import { isSameSpec } from '../core/service/digest.js';
import type { Spec } from '../core/service/spec.js';

/** Names, each list in the order of names. */
export type Difference = Readonly<{
  added: readonly string[];
  changed: readonly string[];
  removed: readonly string[];
}>;

export function diff(old: ReadonlyMap<string, Spec>, next: ReadonlyMap<string, Spec>): Difference {
  const isChanged = (name: string): boolean => {
    const [before, now] = [old.get(name), next.get(name)];
    return before !== undefined && now !== undefined && !isSameSpec(before, now);
  };
  return {
    added: [...next.keys()].filter((name) => !old.has(name)).sort(),
    changed: [...next.keys()].filter(isChanged).sort(),
    removed: [...old.keys()].filter((name) => !next.has(name)).sort(),
  };
}
