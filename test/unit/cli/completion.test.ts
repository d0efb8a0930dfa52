import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { bashScript } from '../../../src/cli/completion/bash.js';
import { fishScript } from '../../../src/cli/completion/fish.js';
import { treeOf } from '../../../src/cli/completion/tree.js';
import { zshScript } from '../../../src/cli/completion/zsh.js';
import type { Environment } from '../../../src/cli/environment.js';
import { makeProgram } from '../../../src/cli/program.js';

const folder = resolve(import.meta.dirname, '../../../../completions');

/** Describing the commands takes nothing of what running them takes. */
const tree = treeOf(makeProgram({} as Environment, () => undefined));

const scripts = { 'esmctl.bash': bashScript, _esmctl: zshScript, 'esmctl.fish': fishScript };

for (const [file, script] of Object.entries(scripts)) {
  test(`completions/${file} is what esmctl prints (else: build, and print it again)`, () => {
    assert.equal(readFileSync(join(folder, file), 'utf8'), script(tree));
  });
}

test('the tree has every command with its options and operands', () => {
  const { commands } = tree;
  assert.deepEqual(
    commands.map(({ name }) => name),
    'status why start stop restart reset reload events log top check completion'.split(' '),
  );
  const log = commands.find(({ name }) => name === 'log');
  assert.equal(log?.operand.type, 'services');
  assert.deepEqual(
    log.options.map(({ short, long, takesValue }) => [short, long, takesValue]),
    [
      ['-f', '--follow', false],
      ['-n', '--lines', true],
      ['-h', '--help', false],
    ],
  );
});
