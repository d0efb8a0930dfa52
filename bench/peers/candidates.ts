/** Which peers can be measured here; what is left out, is left out with the reason. */

import type { Absent, Peer, Setting } from './peer.js';
import { awaitBirths, bootPeer, serviceAt, type Candidate } from './place.js';
import { titleOf } from './report.js';

/** A peer in each of its settings, or why it cannot be had. */
export function findCandidates(peer: Peer): readonly (Candidate | Absent)[] {
  try {
    const installed = peer.install();
    const settings: readonly Setting[] =
      peer.settings.fastest === undefined ? ['recommended'] : ['recommended', 'fastest'];
    return settings.map((setting) => ({ peer, setting, installed }));
  } catch (error) {
    return [{ name: peer.name, reason: firstLine(error) }];
  }
}

/** Those that start a service of each kind. One that does not must not spoil the run of the rest. */
export async function tryAll(
  programs: string,
  found: readonly (Candidate | Absent)[],
): Promise<readonly (Candidate | Absent)[]> {
  const tried: (Candidate | Absent)[] = [];
  for (const each of found) tried.push('reason' in each ? each : await tryOut(programs, each));
  return tried;
}

async function tryOut(programs: string, candidate: Candidate): Promise<Candidate | Absent> {
  const services = candidate.peer.kinds.map((kind, slot) => serviceAt(slot, kind));
  try {
    const machine = await bootPeer(programs, candidate, services);
    try {
      await awaitBirths(machine, services.length);
    } finally {
      await machine.destroy();
    }
    return candidate;
  } catch (error) {
    return { name: titleOf(candidate), reason: firstLine(error) };
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
