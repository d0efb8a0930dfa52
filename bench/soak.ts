/**
 * `make soak`: does random harm for MINUTES, by SEED, and watches that no promise is broken.
 * HARM is for its own test.
 */

import { harmOf } from './soak/actions/harm.js';
import { Random } from './soak/random.js';
import { soak } from './soak/run.js';
import { Violation } from './soak/world.js';

const minutes = Number(process.env['MINUTES'] ?? '10');
const seed = Number(process.env['SEED'] ?? String(Date.now() % 1_000_000));
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('MINUTES has to be a number above 0, SEED a whole number');
  process.exit(2);
}

console.log(`Soaking esmd for ${minutes} minutes; SEED=${seed} does the same again`);
try {
  const { actions, lives, longestAbsence, memory } = await soak(
    new Random(seed),
    minutes * 60_000,
    harmOf(process.env['HARM'] ?? ''),
  );
  console.log(`${actions} actions, ${lives} lives of daemons, no promise broken`);
  console.log(
    `Longest time that a wanted daemon was away: ${(longestAbsence / 1000).toFixed(1)} s`,
  );
  console.log(
    memory === null
      ? 'Memory: not judged, this takes at least four minutes'
      : `Private memory of esmd, minute by minute: ${memory.map((size) => size.toFixed(1)).join(', ')} MB`,
  );
} catch (error) {
  console.error(error instanceof Violation ? error.message : error);
  console.error(`VIOLATED, with SEED=${seed}`);
  process.exitCode = 1;
}
