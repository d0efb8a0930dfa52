/** ARCHITECTURE.md says what the linter, package.json and the sources say. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Page, pageNames, readText, root } from './page.js';

const text = readText('ARCHITECTURE.md');

/** The rows of the table below a heading, as the words in back quotes of each. */
function rows(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = text.split(new RegExp(`^#+ ${heading}$`, 'm'));
  const [body = ''] = section.split(/^#/m, 1);
  return [...body.matchAll(/^\| `.*$/gm)].map(([row]) =>
    [...row.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word),
  );
}

test('the layers are those of the linter', () => {
  const rules = readText('eslint.config.js').matchAll(/layer\('(\w+)', \[([^\]]*)\]\)/g);
  const enforced = [...rules].map(([, name = '', list = '']) => [
    name,
    ...[...list.matchAll(/'(\w+)'/g)].map(([, word = '']) => word),
  ]);
  const told = rows('Layers');
  assert.deepEqual(told.filter(([name]) => name !== 'core').sort(), enforced.sort());
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true });
  const names = folders.filter((one) => one.isDirectory()).map((one) => one.name);
  assert.deepEqual(told.map(([name]) => name).sort(), names.sort());
});

test('the dependencies are those of package.json', () => {
  const { dependencies } = JSON.parse(readText('package.json')) as {
    dependencies: Record<string, string>;
  };
  assert.deepEqual(
    rows('Dependencies')
      .map(([name]) => name)
      .sort(),
    Object.keys(dependencies).sort(),
  );
});

/** Every text of ours in which a comment may refer to a document. */
function sources(): readonly string[] {
  return ['src', 'test', 'bench', 'init.d'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter((entry) => entry.isFile())
      .map((entry) => readText(join(entry.parentPath, entry.name).slice(root.length + 1))),
  );
}

test('what comments refer to is there', () => {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title);
  const broken: string[] = [];
  for (const source of [...sources(), readText('eslint.config.js')]) {
    for (const [reference, title] of source.matchAll(/ARCHITECTURE(?:\.md)?, "([^"]+)"/g)) {
      if (!headings.includes(title)) broken.push(reference);
    }
    for (const [reference, name, section, title] of source.matchAll(
      /\b(esm[a-z.-]*)\((\d)\), "([^"]+)"/g,
    )) {
      const page = `${name ?? ''}.${section ?? ''}`;
      const isThere =
        pageNames.includes(page) && new Page(page).source.includes(`\n.Sh ${title ?? ''}\n`);
      if (!isThere) broken.push(reference);
    }
  }
  assert.deepEqual(broken, []);
});
