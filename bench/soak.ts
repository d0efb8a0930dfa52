/**
 * `make soak`: does random harm for MINUTES, by SEED, and watches that no promise is broken.
 * HARM is for its own test.
 */

import { harmOf } from './soak/actions/harm.js';
import { writeSection } from './results.js';
import { Random } from './soak/random.js';
import { soakRows, soakText } from './soak/report.js';
import { soak } from './soak/run.js';
import { Violation } from './soak/world.js';
import { renderTable } from './table.js';

const minutes = Number(process.env['MINUTES'] ?? '10');
const seed = Number(process.env['SEED'] ?? String(Date.now() % 1_000_000));
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('MINUTES has to be a number above 0, SEED a whole number');
  process.exit(2);
}

console.log(
  `Soaking esmd for ${minutes} minutes; SEED=${seed} chooses the same things to do again`,
);
try {
  const soaked = await soak(new Random(seed), minutes * 60_000, harmOf(process.env['HARM'] ?? ''));
  const result = { minutes, seed, soaked };
  console.log(renderTable([{ what: 'Soak', how: 'no promise broken', rows: soakRows(result) }]));
  if (soaked.memory === null)
    console.log(
      'Memory is not judged, nothing is written to RESULTS.md: that takes at least four minutes',
    );
  else writeSection('Soak', soakText(result));
} catch (error) {
  console.error(error instanceof Violation ? error.message : error);
  console.error(`VIOLATED, with SEED=${seed}`);
  process.exitCode = 1;
}
