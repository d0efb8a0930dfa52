/**
 * `make run`: a private machine with a real init, esmd and daemons to kill. At a terminal there is a
 * prompt; without one the scene plays by itself, and the exit code says whether all came back.
 */

import { play } from './play.js';
import { prompt } from './prompt.js';
import { say } from './say.js';
import { bootSet } from './stage-set.js';

async function main(): Promise<void> {
  const began = performance.now();
  const set = await bootSet();
  try {
    say(`Booted in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    await (process.stdin.isTTY ? prompt(set) : play(set));
  } finally {
    await set.machine.destroy();
  }
}

try {
  await main();
} catch (error) {
  say(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
