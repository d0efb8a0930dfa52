/** Starting real processes through the spawner. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createSpawner } from '../../src/os/child.js';
import type { Held, SpawnAnswer, Spawner, SpawnRequest } from '../../src/os/os.js';
import { watch, type Watch } from './exits.js';
import { temporaryFolder } from './tmp.js';
import { waitFor } from './wait-for.js';

export const plainRequest: SpawnRequest = {
  command: ['/bin/true'],
  user: null,
  group: null,
  directory: '/',
  umask: 0o022,
  environment: {},
  log: null,
  nofile: null,
  cgroup: null,
  placement: 'after',
  isLast: true,
};

export type Bench = Watch &
  Readonly<{
    /** Starts a process; the answer. */
    start: (request: Partial<SpawnRequest>) => Promise<SpawnAnswer>;
    /** Runs a command to its end; what it has written, and the warnings of the answer. */
    output: (
      command: readonly string[],
      request?: Partial<SpawnRequest>,
    ) => Promise<{ text: string; codes: readonly string[]; held: Held }>;
    folder: string;
  }>;

/** A spawner whose processes end with the test. */
export function bench(context: TestContext, spawnerFor = createSpawner): Bench {
  const started: Held[] = [];
  // Before what watch() does at the end, which is to close what holds them.
  context.after(() => {
    for (const held of started) {
      held.signal('KILL', 'group');
      held.release();
    }
  });
  const watched = watch(context);
  const spawner: Spawner = spawnerFor(watched.exits);
  const folder = temporaryFolder(context);
  let runs = 0;
  const start = async (request: Partial<SpawnRequest>): Promise<SpawnAnswer> => {
    const answer = await new Promise<SpawnAnswer>((resolve) => {
      spawner.spawn({ ...plainRequest, ...request }, resolve);
    });
    if (answer.ok) started.push(answer.held);
    return answer;
  };
  return {
    ...watched,
    folder,
    start,
    async output(command, request = {}) {
      runs += 1;
      const log = join(folder, `output-${runs}`);
      const answer = await start({ ...request, command, log });
      if (!answer.ok) throw new Error(answer.problem.message);
      const { held, warnings } = answer;
      await waitFor(() => !held.isAlive(), { what: `${command.join(' ')} to end` });
      return { text: readFileSync(log, 'utf8'), codes: warnings.map(({ code }) => code), held };
    },
  };
}

/** The code of a refusal. */
export const codeOf = (answer: SpawnAnswer): string =>
  answer.ok ? 'started' : answer.problem.code;

export const messageOf = (answer: SpawnAnswer): string =>
  answer.ok ? 'started' : answer.problem.message;
