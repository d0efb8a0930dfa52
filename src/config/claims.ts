/**
 * Two services that take the same process for theirs would end in two copies, or in one that is
 * supervised twice: one of them is kept, and the other is refused.
 */

import type { Match, Spec } from '../core/service/spec.js';

export type Clash = Readonly<{
  kept: Spec;
  refused: Spec;
  key: 'pidfile' | 'match';
}>;

/** The clashes among `specs`; of two the earlier is kept. */
export function findClashes(specs: Iterable<Spec>): readonly Clash[] {
  const clashes: Clash[] = [];
  const byPidFile = new Map<string, Spec>();
  const byExe = new Map<string, Spec[]>();
  for (const spec of specs) {
    const pidfile = spec.pidfile === null ? null : samePath(spec.pidfile);
    const rivals = byExe.get(spec.match?.exe ?? '') ?? [];
    const byPath = pidfile === null ? undefined : byPidFile.get(pidfile);
    const rival = byPath ?? rivals.find((other) => overlap(other.match, spec.match));
    if (rival !== undefined) {
      clashes.push({ kept: rival, refused: spec, key: byPath === undefined ? 'match' : 'pidfile' });
      continue;
    }
    if (pidfile !== null) byPidFile.set(pidfile, spec);
    if (spec.match !== null) byExe.set(spec.match.exe, [...rivals, spec]);
  }
  return clashes;
}

/** Whether one process could satisfy both: what is left out holds for any. */
function overlap(a: Match | null, b: Match | null): boolean {
  if (a?.exe === undefined || a.exe !== b?.exe) return false;
  const sameArgs =
    a.args === null || b.args === null || JSON.stringify(a.args) === JSON.stringify(b.args);
  return sameArgs && (a.user === null || b.user === null || a.user === b.user);
}

/** /var/run has been a link to /run for ten years, and pid files are named by either. */
function samePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`.replace(/^\/var\/run(?=\/|$)/, '/run');
}
