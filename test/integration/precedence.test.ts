/** What the kernel makes of it, in a process of its own each: no test could take it back. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const module = new URL('../../src/os/precedence.js', import.meta.url).href;

/** Of the main thread, and of a process that it starts: proc_pid_stat(5), fields 19 and 41. */
const program = `
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { openPrecedence } from '${module}';
const has = (stat) => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[16] + '/' + fields[38];
};
const found = [];
const look = () => {
  const child = execFileSync('/bin/cat', ['/proc/self/stat'], { encoding: 'latin1' });
  found.push([has(readFileSync('/proc/self/stat', 'latin1')), has(child)]);
};
const precedence = openPrecedence();
look();
precedence.take();
precedence.take();
look();
precedence.leave();
precedence.leave();
look();
console.log(JSON.stringify(found));
`;

type Seen = readonly (readonly [own: string, child: string])[];

/** `wrapper`: what executes Node in another surrounding. */
const seenBy = (...wrapper: readonly [string, ...string[]]): Seen => {
  const [first, ...others] = wrapper;
  const args = [...others, process.execPath, '--input-type=module', '-e', program];
  return JSON.parse(execFileSync(first, args, { encoding: 'utf8' })) as Seen;
};

const always = (what: string): Seen => Array<Seen[number]>(3).fill([what, what]);

test('is taken and left by the main thread alone, and nothing of it is inherited', () => {
  assert.deepEqual(seenBy('env'), [
    ['0/0', '0/0'],
    ['0/2', '0/0'],
    ['0/0', '0/0'],
  ]);
});

test('whoever was given a nice value or a policy keeps it, for his children, too', () => {
  assert.deepEqual(seenBy('nice', '-n', '5'), always('5/0'));
  assert.deepEqual(seenBy('nice', '-n', '-5'), always('-5/0'));
  assert.deepEqual(seenBy('chrt', '--batch', '0'), always('0/3'));
});

test('where it is not permitted all stays as it is', () => {
  const withoutRight = ['--bounding-set', '-sys_nice', '--inh-caps', '-sys_nice'];
  assert.deepEqual(seenBy('setpriv', ...withoutRight), always('0/0'));
});
