/** Everything that the files say, and what is wrong with them. */

import type { Problem } from '../core/result.js';
import type { Settings, Spec } from '../core/service/spec.js';

export type Configuration = Readonly<{
  settings: Settings;
  /** By name, in the order of names. */
  specs: ReadonlyMap<string, Spec>;
  /** Also of files that are used all the same: circles, services that do not exist. */
  problems: readonly Problem[];
  /** Services whose file is there and broken; see `keepLastGood`. */
  unreadable: readonly string[];
  /** `unknown`: the folder of services could not be listed, and an empty `specs` says nothing. */
  extent: 'whole' | 'unknown';
}>;
