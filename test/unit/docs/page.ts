/** Reading the documents: as much of mdoc(7) as our pages use. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The checkout: this file runs from build/test/unit/docs. */
export const root = join(import.meta.dirname, '../../../..');

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

export const pageNames: readonly string[] = readdirSync(join(root, 'man'))
  .filter((name) => /\.[1-9]$/.test(name))
  .sort();

/** One entry of a list: what it is about, and what is said of it in one line. */
export type Item = Readonly<{ term: string; text: string }>;

export class Page {
  readonly source: string;

  constructor(name: string) {
    this.source = readText(`man/${name}`);
  }

  /** The lines of a section, subsections included. */
  section(title: string): string {
    const [, ...sections] = this.source.split(/^\.Sh /m);
    const found = sections.find((text) => text.startsWith(`${title}\n`));
    if (found === undefined) throw new Error(`no section ${title}`);
    return found.slice(title.length + 1);
  }

  /** The entries of all lists in a section. */
  items(title: string): readonly Item[] {
    const [, ...items] = this.section(title).split(/^\.It /m);
    return items.map((item) => {
      const [head = '', ...body] = item.split(/^\.(?:El|Ss|Bl|Pp)\b/m)[0]?.split('\n') ?? [];
      return { term: plain(head), text: plain(body.join('\n')) };
    });
  }

  /** What follows a macro anywhere, such as every option after `Fl`. */
  all(macro: string): readonly string[] {
    const words: string[] = [];
    for (const line of this.source.split('\n').filter((one) => one.startsWith('.'))) {
      const args = line.slice(1).split(' ');
      args.forEach((word, at) => {
        const next = args[at + 1];
        if (word === macro && next !== undefined) words.push(next);
      });
    }
    return words;
  }

  /** The whole text in one line. */
  get text(): string {
    return plain(this.source);
  }

  /** Examples that are files of the tree: path and content, as the page shows it. */
  examples(): readonly Readonly<{ path: string; content: string }>[] {
    const form = /^\.\\" example: (\S+)\n\.Bd [^\n]*\n([^]*?)^\.Ed$/gm;
    return [...this.source.matchAll(form)].map(([, path = '', content = '']) => ({
      path,
      content: content.replace(/\\&/g, '').replace(/\\e/g, '\\'),
    }));
  }
}

/** Macros that only give words a form. */
const macros = new Set('Ic Cm Fl Ar Ql Er Pa Dv Ev Em Xr Nm Ns No Dq Pq Op Li Sx It Dl'.split(' '));

function plain(source: string): string {
  const words = source.split('\n').flatMap((line) => {
    if (!line.startsWith('.')) return line.split(' ');
    const [name = '', ...rest] = line.slice(1).split(' ');
    return macros.has(name) ? rest : [line];
  });
  return words
    .filter((word) => !macros.has(word))
    .join(' ')
    .replace(/\\&/g, '')
    .replace(/\s+([.,:;)])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}
