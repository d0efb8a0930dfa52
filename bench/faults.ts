/**
 * The fault matrix: `make bench-faults` prints what esmd and its peers do when things go wrong, and
 * writes it to RESULTS.md. With --quick it makes three of the faults for two of them, to see that it
 * works; names of peers choose those.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../test/init/lib/places.js';
import { beginLog } from './faults/evidence.js';
import type { Fault, Patience } from './faults/fault.js';
import { forkFails, fullDisk, recycledPid } from './faults/kernel.js';
import { faultParts, faultsText, matrix, type Column } from './faults/report.js';
import { observeAll } from './faults/run.js';
import { grandchildren, ignoresTerm, manyKills, pendingRestart } from './faults/service.js';
import { clockSteps, killed, suspended, syslogStopped } from './faults/supervisor.js';
import { esmd } from './peers/esmd.js';
import { finit } from './peers/finit.js';
import { monit } from './peers/monit.js';
import { openrc } from './peers/openrc.js';
import type { Peer } from './peers/peer.js';
import { pm2 } from './peers/pm2.js';
import { runit } from './peers/runit.js';
import { s6 } from './peers/s6.js';
import { supervisor } from './peers/supervisor.js';
import { buildPrograms } from './programs.js';
import { circumstances, writeSection, writeShortForm } from './results.js';
import { renderTable } from './table.js';

const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const only = args.filter((each) => !each.startsWith('-'));
/** --fault=TEXT: those whose names have this in them. */
const fault = args.find((each) => each.startsWith('--fault='))?.slice('--fault='.length) ?? '';
const isWhole = !isQuick && only.length === 0 && fault === '';

const few: readonly Peer[] = [esmd, runit];
const all: readonly Peer[] = [...few, s6, supervisor, monit, finit, openrc, pm2];

const quickFaults: readonly Fault[] = [killed, suspended, grandchildren];
const allFaults: readonly Fault[] = [
  killed,
  suspended,
  forkFails,
  recycledPid,
  syslogStopped,
  fullDisk,
  clockSteps,
  pendingRestart,
  ignoresTerm,
  grandchildren,
  manyKills,
];

const patience: Patience = isQuick
  ? { restartMs: 10_000, stopMs: 15_000, quietMs: 500, kills: 10 }
  : { restartMs: 70_000, stopMs: 30_000, quietMs: 4_000, kills: 1_000 };

function find(peer: Peer): Column {
  try {
    return { peer, installed: peer.install() };
  } catch (error) {
    return { name: peer.name, reason: String(error).split('\n', 1)[0] ?? '' };
  }
}

const chosen =
  only.length === 0 ? (isQuick ? few : all) : all.filter(({ name }) => only.includes(name));
const columns = chosen.map(find);
const folder = mkdtempSync(join(tmpdir(), 'esmd-bench-'));
/** That of the last whole run belongs to RESULTS.md. */
const log = join(cacheFolder(), isWhole ? 'faults.log' : 'faults-part.log');
try {
  beginLog(log, circumstances());
  const run = { programs: buildPrograms(folder), log, patience };
  const faults = (isQuick ? quickFaults : allFaults).filter(({ name }) => name.includes(fault));
  const rows = await observeAll(run, faults, columns);
  console.log(renderTable(faultParts(columns, rows)));
  if (isWhole) {
    writeSection('Faults', faultsText(columns, rows));
    writeShortForm('faults', matrix(columns, rows));
  }
} finally {
  rmSync(folder, { recursive: true });
}
