/** The short form of `make soak`, so that it cannot rot; and that it finds what it looks for. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
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
