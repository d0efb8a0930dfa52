import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '../environment.js';
import { exitCode, type ExitCode } from '../exit-code.js';
import { fetchStatus } from '../questions.js';
import { renderTop } from '../render/top.js';
import { familyUse, takeSample } from '../sample.js';
import { Screen } from '../screen.js';

export type TopOptions = Readonly<{ once?: boolean; delay: number }>;

/** Between the two samples that one picture needs: use is what happened between them. */
const sampleMs = 500;

/** Ctrl-C and Ctrl-D are characters while the terminal is in raw mode. */
const leaving: ReadonlySet<string> = new Set(['q', 'Q', '\x03', '\x04']);

/** Shows what services use, again and again on a terminal, once elsewhere. */
export async function top(env: Environment, options: TopOptions): Promise<ExitCode> {
  await takeSample();
  if (options.once === true || env.view().columns === null || !process.stdin.isTTY) {
    await pause(sampleMs);
    env.out(await picture(env));
    return exitCode.ok;
  }
  const leave = new AbortController();
  const isLeaving = (): boolean => leave.signal.aborted;
  let redraw = new AbortController();
  const screen = new Screen(
    (key) => {
      if (leaving.has(key)) leave.abort();
    },
    () => {
      redraw.abort();
    },
  );
  screen.open();
  try {
    for (let waitMs = sampleMs; !isLeaving(); waitMs = options.delay) {
      redraw = new AbortController();
      const signal = AbortSignal.any([leave.signal, redraw.signal]);
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
      if (!isLeaving()) screen.draw(await picture(env));
    }
  } finally {
    screen.close();
  }
  return exitCode.ok;
}

async function picture(env: Environment): Promise<string> {
  const status = await fetchStatus(env.client);
  const sample = await takeSample();
  return renderTop({ status, sample, useOf: familyUse(sample) }, env.view());
}
