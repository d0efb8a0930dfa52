/**
 * How Node's JavaScript engine, V8, treats code that runs seldom and then must not dawdle. Its flags
 * are no promise of V8's: without them, and without the wrapper's --expose-gc, everything works, and
 * takes longer or more memory.
 */

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { trimHeap } from './libc/memory.js';

/**
 * To be called after the start, whose code will not run again: lets go of what was compiled for it,
 * and has what is called from now on compiled at once, for good, and in the plain way; what goes on
 * being called is optimized after dozens of calls, and not after thousands: 0.2 ms of a restart.
 */
export function compileForRestarts(): void {
  setFlagsFromString('--stress-flush-code');
  globalThis.gc?.();
  for (const flag of afterwards) setFlagsFromString(flag);
}

/**
 * After how much work V8 optimizes a function; the later is its own choice. V8 11, which is Node 20,
 * measures it in bytes of its byte code, later ones in calls.
 */
const worthOptimizing =
  Number.parseInt(process.versions.v8) < 12
    ? { early: '--interrupt-budget=1000', late: '--interrupt-budget=67584' }
    : { early: '--invocation-count-for-turbofan=44', late: '--invocation-count-for-turbofan=3000' };

/**
 * All are known to V8 11 to 13, which are Node 20 to 24. Of a flag that it does not know V8 says so on
 * standard error, and goes on.
 */
const afterwards = [
  '--no-stress-flush-code',
  '--no-flush-bytecode',
  '--always-sparkplug',
  '--no-lazy-feedback-allocation',
  '--no-maglev',
  worthOptimizing.early,
  // Until optimize() says so: of what is optimized before the next collection nothing is left but
  // the memory that the compiler has used, up to 2 MB.
  '--no-turbofan',
] as const;

/**
 * The optimizing compiler takes the processors from the daemons that are being started, and the
 * event loop has to wait for it now and then: not while hundreds are.
 */
export function optimize(mayOptimize: boolean): void {
  setFlagsFromString(mayOptimize ? '--turbofan' : '--no-turbofan');
}

/**
 * To be called when restarts have been optimized: what else is called dozens of times, for clients and
 * at reloads, takes memory for years then and saves nobody's time.
 */
export function optimizeSeldom(): void {
  setFlagsFromString(worthOptimizing.late);
}

/** Less is left to V8: the first restart after a collection takes 1 ms more. Bytes. */
const worthCollecting = 1024 ** 2;

/** Bytes. V8 has two halves of a megabyte for what is young, and uses them in turn. */
const halfOfYoung = 1024 ** 2;

/** Of the heap, in bytes. What is young V8 collects often by itself, and in a millisecond. */
function sizes(): Readonly<{ youngSize: number; oldSize: number; oldUsed: number }> {
  let [youngSize, oldSize, oldUsed] = [0, 0, 0];
  for (const space of getHeapSpaceStatistics()) {
    if (space.space_name === 'new_space') {
      youngSize = space.space_size;
    } else {
      oldSize += space.space_size;
      oldUsed += space.space_used_size;
    }
  }
  return { youngSize, oldSize, oldUsed };
}

/** What there was when all garbage had been collected; before that nothing counts as grown. */
let needed = { oldSize: Infinity, oldUsed: Infinity };

/** To be called when all is ready. */
export function collectGarbage(): void {
  globalThis.gc?.();
  needed = sizes();
}

/** To compact the heap as well gives back what is left between the living, and takes twice as long. */
function collect(mayTakeLong: boolean): void {
  if (mayTakeLong) setFlagsFromString('--compact-on-every-full-gc');
  collectGarbage();
  // V8's own, which come in the middle of something, do not.
  setFlagsFromString('--no-compact-on-every-full-gc');
}

/** To be called when it is calm: V8 would do so some time later, in the middle of something. */
export function collectIfGrown(mayTakeLong: boolean): void {
  if (sizes().oldUsed - needed.oldUsed >= worthCollecting) collect(mayTakeLong);
}

/**
 * To be called when esmd is at rest. A collection gives back one half of what is for the young, if
 * little was made in the five seconds before it, and the pages that V8's own ones, in the middle of
 * a storm, have left half empty; the C library what V8's compiler had used.
 */
export function giveBack(mayTakeLong: boolean): void {
  const { youngSize, oldSize, oldUsed } = sizes();
  const hasGrown = oldUsed - needed.oldUsed >= worthCollecting;
  const isSparse = mayTakeLong && oldSize - needed.oldSize >= worthCollecting;
  if (hasGrown || isSparse || youngSize > halfOfYoung) collect(mayTakeLong);
  trimHeap();
}
