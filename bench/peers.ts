/**
 * esmd beside other supervisors, in one run: `make bench-peers` prints the table and writes it to
 * RESULTS.md. With --quick it measures very little of three of them, to see that it works; names of peers
 * choose those.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCandidates, tryAll } from './peers/candidates.js';
import { esmd } from './peers/esmd.js';
import { finit } from './peers/finit.js';
import { measure, type Sizes } from './peers/measure.js';
import { monit } from './peers/monit.js';
import { openrc } from './peers/openrc.js';
import type { Peer } from './peers/peer.js';
import { pm2 } from './peers/pm2.js';
import { reportParts } from './peers/report.js';
import { resultsText, shortForm } from './peers/results.js';
import { runit } from './peers/runit.js';
import { s6 } from './peers/s6.js';
import { supervisor } from './peers/supervisor.js';
import { buildPrograms } from './programs.js';
import { writeSection, writeShortForm } from './results.js';
import { renderTable } from './table.js';

const isQuick = process.argv.includes('--quick');
const only = process.argv.slice(2).filter((each) => !each.startsWith('-'));

const small: readonly Peer[] = [esmd, runit, s6];
const all: readonly Peer[] = [...small, supervisor, monit, finit, openrc, pm2];
const peers =
  only.length > 0 ? all.filter(({ name }) => only.includes(name)) : isQuick ? small : all;

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
      settled: { kills: 100, upMs: 1500, holdMs: 50, patienceS: 45, mostMs: 260_000 },
      crashing: { kills: 50, upMs: 50, holdMs: 10, patienceS: 45, mostMs: 80_000 },
      idleMs: 60_000,
      settleMs: 15_000,
      many: 100,
      storms: 3,
    };

const folder = mkdtempSync(join(tmpdir(), 'esmd-bench-'));
try {
  const programs = buildPrograms(folder);
  const found = await tryAll(programs, peers.flatMap(findCandidates));
  const candidates = found.filter((each) => 'peer' in each);
  const absent = found.filter((each) => 'reason' in each);
  const figures = await measure(programs, candidates, sizes);
  const parts = reportParts(figures, sizes);
  console.log(renderTable(parts));
  for (const { name, reason } of absent) console.log(`${name}: left out: ${reason}`);
  if (!isQuick && only.length === 0) {
    writeSection('Beside the peers', resultsText(parts, candidates, absent));
    writeShortForm('peers', shortForm(figures, sizes.many));
  }
} finally {
  rmSync(folder, { recursive: true });
}
