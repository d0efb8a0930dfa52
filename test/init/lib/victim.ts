/** A program that boots a machine, says what can be seen of it, and is killed by a test. */

import { bootLight } from './light.js';

const machine = await bootLight({
  init: 'sysvinit',
  inittab: [{ id: 'dm', action: 'respawn', process: '/bin/sleep 4750' }],
  hasEsmd: false,
});
await machine.start(['sh', '-c', 'trap "" TERM INT HUP; while :; do sleep 4751; done']);
process.stdout.write(`${JSON.stringify(machine.traces)}\n`);
if (process.argv[2] === 'throw') throw new Error('A test that fails outside of a test');
setInterval(() => undefined, 1_000);
