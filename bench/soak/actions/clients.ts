/** Clients of esmd's sockets: many, impolite, and impatient ones. */

import { connect, type Socket } from 'node:net';
import type { World } from '../world.js';
import { pause, type Action } from './action.js';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: esmd\r\n\r\n`;

/** What a connection may begin with; most of them then wait, or are cut off. */
const openings: readonly string[] = [
  get('/v1/status'),
  get('/v1/status'),
  get('/v1/services/plain'),
  get('/metrics'),
  get('/v1/events'),
  'GET /v1/status HTTP/1.1\r\nHos',
  'POST /v1/reload HTTP/1.1\r\nHost: esmd\r\nContent-Length: 99999\r\n\r\n{',
  `GET /${'x'.repeat(5_000)} HTTP/1.1\r\n\r\n`,
  '\0\u0001\u00ff\r\n\r\n',
  '',
];

/** Asks, and does not always read the answer. */
function bother(world: World, path: string): Socket {
  const socket = connect(path);
  socket.on('error', () => undefined);
  if (world.random.percent(70)) socket.resume();
  socket.write(world.random.pick(openings));
  return socket;
}

const storm: Action = {
  name: 'a storm of clients',
  weight: 5,
  run: async (world) => {
    const { random } = world;
    const name = random.pick(['esmd.sock', 'status.sock'] as const);
    const path = world.machine.files.path(`/run/esmd/${name}`);
    const number = random.between(10, 300);
    const sockets = Array.from({ length: number }, () => bother(world, path));
    await pause(random.between(0, 1_000));
    for (const socket of sockets) socket.destroy();
    return `${number} on ${name}`;
  },
};

const programs: Action = {
  name: 'several esmctl at once',
  weight: 2,
  run: async (world) => {
    const commands = [
      ['status'],
      ['status', '--json'],
      ['why', 'plain'],
      ['events'],
      ['log', 'plain'],
    ];
    const run = (args: readonly string[]): Promise<unknown> =>
      world.machine.run(['esmctl', ...args], { timeoutMs: 30_000 });
    await Promise.all(world.random.some(commands, 60).map(run));
    return '';
  },
};

export const clientActions: readonly Action[] = [storm, programs];
