/** What README.md has people write down is what works: services, inittab lines, commands. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Environment } from '../../../src/cli/environment.js';
import { makeProgram } from '../../../src/cli/program.js';
import { decodeService } from '../../../src/config/service.js';
import { describeProblem } from '../../../src/core/result.js';
import { Page, readText } from './page.js';

const text = readText('README.md');

test('the services in README.md are right', () => {
  const blocks = [...text.matchAll(/```toml\n# \/etc\/esmd\/services\/(\S+)\.toml\n([^]*?)```/g)];
  assert.equal(blocks.length, [...text.matchAll(/```toml/g)].length);
  for (const [, name = '', content = ''] of blocks) {
    const { problems } = decodeService(`${name}.toml`, name, content);
    assert.deepEqual(problems.map(describeProblem), []);
  }
});

const isEntry = (line: string): boolean => /^\s*\w*:\d*:\w+:\//.test(line);
const entriesOf = (source: string): readonly string[] =>
  source
    .split('\n')
    .filter(isEntry)
    .map((line) => line.trim());

test('the lines of inittab in README.md and esmd(8) are those of init.d', () => {
  const sysvinit = entriesOf(readText('init.d/esm.inittab'));
  const busybox = entriesOf(readText('init.d/esm.inittab.busybox'));
  assert.deepEqual(entriesOf(text), [...sysvinit, ...busybox, ...busybox]);
  assert.deepEqual(entriesOf(new Page('esmd.8').source), [...sysvinit, ...busybox]);
});

test('the commands of esmctl in the documents exist', () => {
  const commands = makeProgram({} as Environment, () => undefined).commands.map((one) =>
    one.name(),
  );
  const documents = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'SECURITY.md'].map(readText);
  const named = documents.flatMap((one) => [...one.matchAll(/`(?:sudo )?esmctl ([a-z]+)/g)]);
  assert.deepEqual(
    named.map(([, name = '']) => name).filter((name) => !commands.includes(name)),
    [],
  );
});

test('the license is the one that package.json says', () => {
  const { license } = JSON.parse(readText('package.json')) as { license: string };
  assert.match(readText('LICENSE'), new RegExp(`^${license} License`));
});
