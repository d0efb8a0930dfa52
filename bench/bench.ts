/**
 * Measures speed and size of esmd in private machines and prints a table: `make bench`. With
 * --quick it measures less of everything, in a quarter of a minute, to see that it works.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCrowd, measureIdle, measureStarts } from './crowd.js';
import { buildPrograms } from './programs.js';
import { idlePart, restartPart, sizePart, startPart, stormPart } from './report.js';
import { measureRestarts } from './restart.js';
import { measureStorms } from './storm.js';
import { renderTable, type Part } from './table.js';

const isQuick = process.argv.includes('--quick');
const sizes = isQuick
  ? { kills: 20, idleMs: 3000, many: 50, storm: 25, times: 1 }
  : { kills: 200, idleMs: 30_000, many: 1000, storm: 500, times: 5 };

async function measureCrowd(programs: string): Promise<readonly Part[]> {
  const crowd = await makeCrowd(programs, sizes.many);
  try {
    const { many, storm, times } = sizes;
    const idle = await measureIdle(crowd, sizes.idleMs);
    const starts = {
      one: await measureStarts(crowd.one, times),
      many: await measureStarts(crowd.many, times),
    };
    const storms = await measureStorms(crowd.many, storm, times);
    return [
      idlePart(idle.switches, many, sizes.idleMs),
      stormPart(storms, storm, many),
      startPart(starts, many),
      sizePart(idle.memory, many),
    ];
  } finally {
    await Promise.all([crowd.one.machine.destroy(), crowd.many.machine.destroy()]);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'esmd-bench-'));
try {
  const programs = buildPrograms(folder);
  const restarts = restartPart(await measureRestarts(programs, sizes.kills), sizes.kills);
  console.log(renderTable([restarts, ...(await measureCrowd(programs))]));
} finally {
  rmSync(folder, { recursive: true });
}
