/** Very many services killed at once: how long until all run again, and how long esmd is deaf. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { wrapper, type Place } from './place.js';
import { program } from './programs.js';
import { toMs } from './statistics.js';

export type Storms = Readonly<{
  /** Milliseconds until all ran again, of each storm. */
  healed: readonly number[];
  /** The longest block of the event loop in each, in milliseconds; these are storms of their own. */
  blocked: readonly number[];
}>;

/** What it writes, and where it lies in the machine; see delay.ts. */
const delayFile = '/run/bench/delay';
const delayModule = '/root/delay.mjs';
/** The timer by which it measures rings that often. */
const delayTickMs = 1;

/** Writing the table and the log belongs to it. */
const afterwardsMs = 400;

export async function measureStorms(place: Place, killed: number, times: number): Promise<Storms> {
  const healed: number[] = [];
  const blocked: number[] = [];
  for (let done = 0; done < times; done += 1) healed.push(await storm(place, killed));
  await watchDelay(place);
  for (let done = 0; done < times; done += 1) {
    await readDelay(place);
    await storm(place, killed);
    blocked.push(toMs(await readDelay(place)) - delayTickMs);
  }
  return { healed, blocked };
}

async function storm(place: Place, killed: number): Promise<number> {
  const text = await place.machine.must([program('kill'), 'all', '0', String(killed)], {
    timeoutMs: 60_000,
  });
  await place.allRun();
  await pause(afterwardsMs);
  return toMs(Number(text));
}

/** From now on esmd notices when its event loop is blocked. */
async function watchDelay(place: Place): Promise<void> {
  const { machine } = place;
  machine.writeFile(delayModule, readFileSync(join(import.meta.dirname, 'delay.js'), 'utf8'));
  const script = machine
    .readFile(wrapper)
    .replace('"$main" "$@"', `--import=${delayModule} "$main" "$@"`);
  machine.writeFile(wrapper, script, 0o755);
  await place.killEsmd();
  await place.allRun();
  await pause(afterwardsMs);
}

/** The longest delay since it was asked last, in nanoseconds. */
async function readDelay(place: Place): Promise<number> {
  const { machine } = place;
  machine.files.remove(delayFile);
  machine.kill(place.esmd().pid, 'SIGWINCH');
  return Number(await machine.waitFor(() => machine.files.readIfThere(delayFile), 'the delay'));
}
