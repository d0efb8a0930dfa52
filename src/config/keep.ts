/** What goes on to be used of an earlier configuration where the new one cannot be read. */

import type { ProblemCode } from '../core/problem-codes.js';
import type { Spec } from '../core/service/spec.js';
import { findClashes } from './claims.js';
import type { Configuration } from './configuration.js';

/**
 * The configuration, and the last good definition of every service whose file is broken now; of
 * every service if the folder could not be listed. A kept definition yields to a readable one
 * that claims the same pid file or process, so that there are never two copies.
 */
export function keepLastGood(
  configuration: Configuration,
  lastGood: ReadonlyMap<string, Spec>,
): Configuration {
  const { specs, unreadable, extent } = configuration;
  const names = extent === 'unknown' ? [...lastGood.keys()] : unreadable;
  const kept = names.flatMap((name) => (specs.has(name) ? [] : (lastGood.get(name) ?? [])));
  const clashes = findClashes([...specs.values(), ...kept]);
  const refused = new Set(clashes.map((clash) => clash.refused.name));
  const all = [...specs.values(), ...kept.filter(({ name }) => !refused.has(name))];
  return {
    ...configuration,
    specs: new Map(all.sort((a, b) => (a.name < b.name ? -1 : 1)).map((spec) => [spec.name, spec])),
    problems: [
      ...configuration.problems,
      ...clashes.map((clash) => ({
        code: 'ESM_CONFIG_DUPLICATE' satisfies ProblemCode,
        message: `Cannot keep the last good definition of "${clash.refused.name}": "${clash.kept.name}" now claims the same ${clash.key}`,
      })),
    ],
  };
}
