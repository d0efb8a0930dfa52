/** The short form of `make soak`, so that it cannot rot; and that it finds what it looks for. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { repository } from './lib/places.js';

type Outcome = Readonly<{ code: number | null; text: string }>;

/** Runs it for some seconds. `harm`: see bench/soak/actions/harm.ts. */
async function soak(minutes: string, seed: string, harm = ''): Promise<Outcome> {
  const child = spawn(process.execPath, [join(repository, 'build/bench/soak.js')], {
    env: { ...process.env, MINUTES: minutes, SEED: seed, HARM: harm },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}

test('a soak of twelve seconds breaks no promise', async () => {
  const { code, text } = await soak('0.2', '20');
  assert.equal(code, 0, text);
  assert.match(text, /no promise broken/);
});

for (const [harm, complaint] of [
  ['second copy', /second-copy plain/],
  ['signalled stranger', /stranger-signalled-15/],
  ['killed stranger', /A stranger, process \d+, was stopped or killed/],
  ['death of esmd', /esmd, process \d+, has died by itself/],
  ['absence', /"plain" is wanted and has not run for/],
] as const) {
  test(`a soak sees this: ${harm}`, async () => {
    const { code, text } = await soak('0.01', '20', harm);
    assert.equal(code, 1, text);
    assert.match(text, complaint);
    assert.match(text, /The last 50 actions[^]*harm: [^]*VIOLATED, with SEED=20/);
  });
}

type Memory = Readonly<{ left: number; resting: number }>;

const load = async <Module>(path: string): Promise<Module> =>
  (await import(pathToFileURL(join(repository, 'build/bench/soak', path)).href)) as Module;

test('a soak sees memory that has grown by more than a tenth', async () => {
  type Module = Readonly<{ judgeGrowth: (course: readonly Memory[]) => void }>;
  const { judgeGrowth } = await load<Module>('memory.js');
  const course = (...sizes: readonly number[]): readonly Memory[] =>
    sizes.map((resting) => ({ resting, left: 40 }));
  judgeGrowth(course(20, 30, 22));
  assert.throws(() => {
    judgeGrowth(course(20, 19, 22.1));
  }, /has grown, minute by minute: 20\.0 .*22\.1/);
  assert.throws(() => {
    judgeGrowth([]);
  }, /not measured/);
});

test('what a soak writes down has all its figures', async () => {
  const { soakText } = await load<Readonly<{ soakText: (soak: unknown) => string }>>('report.js');
  const done = new Map([
    ['kill syslogd', 4],
    ['kill esmd', 3],
  ]);
  const memory = [{ resting: 20, left: 25 }];
  const soaked = { done, lives: 12, longestAbsence: 1234, memory };
  const text = soakText({ minutes: 10, seed: 7, soaked });
  assert.match(text, /^`make soak MINUTES=10 SEED=7`, \d{4}-\d\d-\d\d, Linux /);
  assert.match(text, /\| actions \| 7 \|/);
  assert.match(text, /\| lives of daemons \| 12 \|/);
  assert.match(text, /was away \| 1\.2 s \|/);
  assert.match(text, /minute 1 \| 20\.0 MB \(before: 25\.0 MB\) \|/);
  assert.match(text, /\| kill esmd \| 3 \|\n\| kill syslogd \| 4 \|/);
});
