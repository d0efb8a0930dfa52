/**
 * RESULTS.md beside this file's source: one section per command, replaced when that is run; and the
 * short form of each in README.md.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { repository } from '../test/init/lib/places.js';

const file = join(repository, 'bench/RESULTS.md');

const beginning = `# Results

Measured by the commands that each section names; each run replaces its own section.
`;

/** Replaces, or adds, the section of this title. The text is Markdown. */
export function writeSection(title: string, text: string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : beginning;
  const section = `## ${title}\n\n${text.trim()}\n\n`;
  const parts = before.split(/^(?=## )/m);
  const at = parts.findIndex((part) => part.startsWith(`## ${title}\n`));
  const after = at < 0 ? [...parts, `\n${section}`] : parts.with(at, section);
  writeFileSync(file, `${after.join('').trim()}\n`);
}

/** Replaces what is between `<!-- NAME: begin -->` and `<!-- NAME: end -->` in README.md. */
export function writeShortForm(name: string, text: string): void {
  const readme = join(repository, 'README.md');
  writeFileSync(readme, withBlock(readFileSync(readme, 'utf8'), name, text));
}

/** Throws where there is no such place in the document. */
function withBlock(document: string, name: string, text: string): string {
  const marks = new RegExp(`(<!-- ${name}: begin -->\\n)[^]*?(<!-- ${name}: end -->)`);
  if (!marks.test(document)) throw new Error(`There is no place for "${name}" in the document`);
  return document.replace(marks, (_, begin: string, end: string) => `${begin}\n${text}\n\n${end}`);
}

/** When and on what, for the head of a section. */
export function circumstances(): string {
  const processors = cpus();
  return [
    new Date().toISOString().slice(0, 10),
    `Linux ${release()}`,
    `Node ${process.versions.node}`,
    `${processors.length} processors (${processors[0]?.model ?? 'unknown'})`,
  ].join(', ');
}

/** A table of Markdown; the first row is its head. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
