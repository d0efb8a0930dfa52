/** What the documents point at exists: files, make targets, manual pages. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pageNames, readText, root } from './page.js';

const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
] as const;

const matches = (text: string, form: RegExp): readonly string[] =>
  [...text.matchAll(form)].map(([, word = '']) => word);

/** As GitHub makes an anchor of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-');

const anchorsOf = (path: string): readonly string[] =>
  matches(readText(path), /^#+ (.+)$/gm).map(anchor);

for (const document of documents) {
  const text = readText(document);

  test(`${document}: its links lead somewhere`, () => {
    const links = matches(text, /\]\(([^)\s]+)\)/g).filter((link) => !/^https?:/.test(link));
    const broken = links.filter((link) => {
      const [path = '', part] = link.split('#');
      const file = path === '' ? document : join(dirname(document), path);
      if (!existsSync(join(root, file))) return true;
      return part !== undefined && !anchorsOf(file).includes(part);
    });
    assert.deepEqual(broken, []);
  });

  test(`${document}: the files it names are there`, () => {
    const paths = matches(text, /`((?:src|test|init\.d|man|bench|completions)\/[\w./@-]*)`/g);
    assert.deepEqual(
      paths.filter((path) => !existsSync(join(root, path))),
      [],
    );
  });

  test(`${document}: the targets of make are there`, () => {
    const makefiles = ['Makefile', 'install.mk', 'apt.mk'].filter((name) =>
      existsSync(join(root, name)),
    );
    const rules = makefiles.map(readText).join('\n');
    const targets = new Set(matches(rules, /^([a-z][a-z0-9-]*):/gm));
    assert.deepEqual(
      matches(text, /`make ([a-z][a-z0-9-]*)/g).filter((target) => !targets.has(target)),
      [],
    );
  });

  test(`${document}: the manual pages it names are there`, () => {
    const named = matches(text, /\b((?:esm[a-z.-]*)\(\d\))/g);
    const own = pageNames.map((name) => name.replace(/\.(\d)$/, '($1)'));
    assert.deepEqual(
      named.filter((page) => !own.includes(page)),
      [],
    );
  });
}

test('CONTRIBUTING.md can be read in one go', () => {
  assert.ok(readText('CONTRIBUTING.md').split('\n').length <= 150);
});
