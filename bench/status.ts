/** Asks the esmd of a machine for its status, over the socket that everybody may use. */

import { request } from 'node:http';
import type { Status } from '../src/core/status.js';
import type { Machine } from '../test/init/lib/machine.js';

export type Answer = Readonly<{
  status: Status;
  /** When all of it had come: CLOCK_MONOTONIC, in nanoseconds. */
  at: bigint;
}>;

/** Null while nobody answers. */
export function askStatus(machine: Machine): Promise<Answer | null> {
  return new Promise((resolve) => {
    const socketPath = machine.files.path('/run/esmd/status.sock');
    const asked = request({ socketPath, path: '/v1/status', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('error', () => {
        resolve(null);
      });
      response.on('end', () => {
        const at = process.hrtime.bigint();
        resolve(response.statusCode === 200 ? { status: JSON.parse(text) as Status, at } : null);
      });
    });
    asked.on('error', () => {
      resolve(null);
    });
    asked.end();
  });
}

/** Asks until the answer is as wanted. */
export const awaitStatus = (
  machine: Machine,
  isWanted: (status: Status) => boolean,
  what: string,
): Promise<Answer> =>
  machine.waitFor(
    async () => {
      const answer = await askStatus(machine);
      return answer !== null && isWanted(answer.status) ? answer : null;
    },
    what,
    60_000,
  );

/** Whether all of so many services are alive. */
export const allRun =
  (number: number) =>
  ({ services }: Status): boolean =>
    services.length === number &&
    services.every(({ state }) => state === 'probation' || state === 'running');
