/** The manual pages are clean by mandoc(1), style included, and refer to pages that exist. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { join } from 'node:path';
import { Page, pageNames, root } from './page.js';

/** Pages of others that ours refer to. They need not be installed where the tests run. */
const foreign: ReadonlySet<string> = new Set([
  'cron(8)',
  'init(8)',
  'nice(1)',
  'sched_setscheduler(2)',
  'setpriv(1)',
  'sshd(8)',
  'syslog(3)',
]);

const own: ReadonlySet<string> = new Set(
  pageNames.map((name) => name.replace(/^(.+)\.(\d)$/, '$1($2)')),
);

/** Whether a page that others have is installed says nothing about ours. */
const isOurs = (line: string): boolean =>
  line !== '' && !line.includes('referenced manual not found') && !line.includes('mandoc.db');

for (const name of pageNames) {
  test(`mandoc -Tlint -W style ${name}`, () => {
    const args = ['-Tlint', '-W', 'style', join(root, 'man', name)];
    const { error, stdout, stderr } = spawnSync('mandoc', args, { encoding: 'utf8' });
    assert.equal(error, undefined, 'mandoc can be run');
    assert.deepEqual(`${stdout}\n${stderr}`.split('\n').filter(isOurs), []);
  });

  test(`${name}: its references lead somewhere`, () => {
    const references = [...new Page(name).source.matchAll(/Xr (\S+) (\d)/g)].map(
      ([, page = '', section = '']) => `${page}(${section})`,
    );
    assert.deepEqual(
      references.filter((reference) => !own.has(reference) && !foreign.has(reference)),
      [],
    );
  });

  test(`${name}: the sections are in the order that all pages have`, () => {
    const order = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'SIGNALS'];
    const later = ['FILES', 'EXIT STATUS', 'EXAMPLES', 'DIAGNOSTICS', 'SEE ALSO'];
    const known = [...order, ...later];
    const sections = [...new Page(name).source.matchAll(/^\.Sh (.+)$/gm)]
      .map(([, title = '']) => title)
      .filter((title) => known.includes(title));
    assert.deepEqual(
      sections,
      known.filter((title) => sections.includes(title)),
    );
  });
}

test('the pages say what they are called', () => {
  for (const name of pageNames) {
    const text = execFileSync('mandoc', ['-Tascii', join(root, 'man', name)], { encoding: 'utf8' });
    assert.match(text, new RegExp(`^${name.replace(/\.(\d)$/, '\\($1\\)')}`, 'i'));
  }
});
