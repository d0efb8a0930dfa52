/** What the kernel makes of it, in a process of its own each: no test could take it back. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

const module = new URL('../../src/os/precedence.js', import.meta.url).href;

/** Of the main thread, a process that it starts, and its session: proc_pid_stat(5), fields 19, 41. */
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
let group = null;
try {
  group = / nice (.+)/.exec(readFileSync('/proc/self/autogroup', 'latin1'))[1];
} catch {}
console.log(JSON.stringify({ found, group }));
`;

type Seen = Readonly<{
  found: readonly (readonly [own: string, child: string])[];
  group: string | null;
}>;

/** `wrapper`: what executes Node in another surrounding. */
const seenBy = (...wrapper: readonly [string, ...string[]]): Seen => {
  const [first, ...others] = wrapper;
  const args = [...others, process.execPath, '--input-type=module', '-e', program];
  return JSON.parse(execFileSync(first, args, { encoding: 'utf8' })) as Seen;
};

const hasGroups = existsSync('/proc/self/autogroup');
const usual = ['0/0', '0/0'];

test('is taken and left by the main thread alone, and nothing of it is inherited', () => {
  const { found, group } = seenBy('setsid', '--wait');
  assert.deepEqual(found, [
    ['-10/0', '0/0'],
    ['-10/2', '0/0'],
    ['-10/0', '0/0'],
  ]);
  assert.equal(group, hasGroups ? '-10' : null);
});

test('the session of somebody else stays as it is', () => {
  const { found, group } = seenBy('env');
  assert.deepEqual(found[0], ['-10/0', '0/0']);
  assert.notEqual(group, '-10');
});

test('whoever was given another nice value keeps it, for his children, too', () => {
  const { found, group } = seenBy('setsid', '--wait', 'nice', '-n', '5');
  assert.deepEqual(found, Array(3).fill(['5/0', '5/0']));
  assert.notEqual(group, '-10');
});

test('whoever was given another policy keeps it, for his children, too', () => {
  const { found, group } = seenBy('setsid', '--wait', 'chrt', '--batch', '0');
  assert.deepEqual(found, Array(3).fill(['0/3', '0/3']));
  assert.notEqual(group, '-10');
});

test('where it is not permitted all stays as it is', () => {
  const withoutRight = ['--bounding-set', '-sys_nice', '--inh-caps', '-sys_nice'];
  const { found, group } = seenBy('setsid', '--wait', 'setpriv', ...withoutRight);
  assert.deepEqual(found, Array(3).fill(usual));
  assert.notEqual(group, '-10');
});
