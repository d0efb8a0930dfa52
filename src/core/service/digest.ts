/** Whether two definitions of a service are the same, and whether a new start would tell. */

import type { Spec } from './spec.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** JSON with sorted keys: the order in which a file or the table names them means nothing. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
}

/** Whether both mean the same in every key. */
export const isSameSpec = (a: Spec, b: Spec): boolean => canonical(a) === canonical(b);

/** Whether both are recognised by the same, so that what is one's daemon is the other's. */
export const isSameSearch = (a: Spec, b: Spec): boolean =>
  a === b || canonical(searched(a)) === canonical(searched(b));

const searched = ({ pidfile, match, user, launch }: Spec): Json =>
  match === null ? { pidfile, user, launch } : { pidfile, user, match };

/** A definition is never changed, and every restart and every look at the status asks for this. */
const known = new WeakMap<Spec, string>();

/**
 * Changes if and only if something changes that only a new start of the process can apply: what
 * is run, as whom, where, with what. 16 hexadecimal digits. It is kept in the table, so a change
 * of its making shows every running service as different after an upgrade.
 */
export function launchDigest(spec: Spec): string {
  let made = known.get(spec);
  if (made === undefined) known.set(spec, (made = makeDigest(spec)));
  return made;
}

function makeDigest(spec: Spec): string {
  const { launch, user, group, directory, umask, environment, limits, log } = spec;
  return digest(canonical({ launch, user, group, directory, umask, environment, limits, log }));
}

/**
 * Two independent 32-bit sums in the manner of FNV-1a. There is no adversary: whoever can write
 * a definition is root.
 */
function digest(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13);
  }
  return [a, b].map((sum) => (sum >>> 0).toString(16).padStart(8, '0')).join('');
}
