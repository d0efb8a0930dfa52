/**
 * esmd beside other supervisors, in one run: `make bench-peers` prints the table and writes it to
 * RESULTS.md. With --quick it measures very little of three of them, to see that it works.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { esmd } from './peers/esmd.js';
import { measure, type Sizes } from './peers/measure.js';
import type { Absent, Peer, Setting } from './peers/peer.js';
import type { Candidate } from './peers/place.js';
import { reportParts } from './peers/report.js';
import { resultsText } from './peers/results.js';
import { runit } from './peers/runit.js';
import { buildPrograms } from './programs.js';
import { writeSection } from './results.js';
import { renderTable } from './table.js';

const isQuick = process.argv.includes('--quick');

const small: readonly Peer[] = [esmd, runit];
const peers: readonly Peer[] = isQuick ? small : [...small];

const sizes: Sizes = isQuick
  ? {
      settled: { kills: 3, upMs: 1500, holdMs: 50, patienceS: 10, mostMs: 15_000 },
      crashing: { kills: 3, upMs: 50, holdMs: 10, patienceS: 10, mostMs: 15_000 },
      idleMs: 1000,
      settleMs: 0,
      many: 10,
      storms: 1,
    }
  : {
      settled: { kills: 100, upMs: 1500, holdMs: 50, patienceS: 45, mostMs: 240_000 },
      crashing: { kills: 50, upMs: 50, holdMs: 10, patienceS: 45, mostMs: 80_000 },
      idleMs: 60_000,
      settleMs: 15_000,
      many: 100,
      storms: 3,
    };

/** A peer in each of its settings, or why it cannot be had. */
function findCandidates(peer: Peer): readonly (Candidate | Absent)[] {
  try {
    const installed = peer.install();
    const settings: readonly Setting[] =
      peer.settings.fastest === undefined ? ['recommended'] : ['recommended', 'fastest'];
    return settings.map((setting) => ({ peer, setting, installed }));
  } catch (error) {
    return [{ name: peer.name, reason: String(error).split('\n', 1)[0] ?? '' }];
  }
}

const found = peers.flatMap(findCandidates);
const candidates = found.filter((each) => 'peer' in each);
const absent = found.filter((each) => 'reason' in each);
const folder = mkdtempSync(join(tmpdir(), 'esmd-bench-'));
try {
  const parts = reportParts(await measure(buildPrograms(folder), candidates, sizes), sizes);
  console.log(renderTable(parts));
  for (const { name, reason } of absent) console.log(`${name}: left out: ${reason}`);
  if (!isQuick) {
    writeSection('Beside the peers', resultsText(parts, candidates, absent));
  }
} finally {
  rmSync(folder, { recursive: true });
}
