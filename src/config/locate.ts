/**
 * Finds the line of a key in the text of a TOML document. The parser tells lines only of syntax
 * errors, and text in a string or a comment may look like a key or a header. It is meant for text
 * that has been parsed; of other text it finds what lies before the first thing it cannot read.
 */

import { parse } from 'smol-toml';

/** Deeper keys are on the line of what contains them: nothing we know lies deeper. */
const DEEPEST = 4;

type Path = readonly string[];

const SPACE = /[ \t]*/y;
const BLANK = /(?:[ \t\r\n]|#[^\n]*)*/y;
const BARE = /[A-Za-z0-9_-]+/y;
const SCALAR = /[^,\]}#\n]+/y;
/** The longest forms first. A multi-line string may end with up to two more of its quotes. */
const STRINGS = [
  /"""[^"\\]*(?:(?:\\[^]|"(?!""))[^"\\]*)*"""(?:""?)?/y,
  /'''[^']*(?:'(?!'')[^']*)*'''(?:''?)?/y,
  /"[^"\\\n]*(?:\\.[^"\\\n]*)*"/y,
  /'[^'\n]*'/y,
];

/** A key as a problem shows it: `restart.limit`, `environment."a b"`, `requires[0]`. */
export function formatKey(path: readonly (string | number)[]): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`;
      const text = /^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part);
      return i === 0 ? text : `.${text}`;
    })
    .join('');
}

/** The lines, from 1, on which keys are first named, by `formatKey` of their path. */
export function locateKeys(text: string): ReadonlyMap<string, number> {
  const scanner = new Scanner(text);
  scanner.document();
  return scanner.lines;
}

class Scanner {
  readonly lines = new Map<string, number>();
  private readonly text: string;
  private at = 0;
  /** The line at `counted`, so that every line end is counted once. */
  private line = 1;
  private counted = 0;
  /** How many arrays we are in. A key below one has no place that a problem could name. */
  private arrays = 0;

  constructor(text: string) {
    this.text = text;
    if (text.startsWith('\ufeff')) this.at = 1;
  }

  document(): void {
    let table: Path = [];
    for (;;) {
      this.take(BLANK);
      if (this.at >= this.text.length) return;
      if (this.takeText('[')) {
        const isArray = this.takeText('[');
        const header = this.key([]);
        if (header === null || !this.takeText(isArray ? ']]' : ']')) return;
        table = header;
      } else if (!this.statement(table, 0)) return;
    }
  }

  /** `key = value`, in a table or an inline table; false if it is not one. */
  private statement(table: Path, depth: number): boolean {
    const path = this.key(table);
    if (path === null || !this.takeText('=')) return false;
    this.take(SPACE);
    return this.value(path, depth);
  }

  /** A dotted key, and the space behind it; every part of it is noted. */
  private key(table: Path): Path | null {
    const path = [...table];
    do {
      this.take(SPACE);
      const begin = this.at;
      const part = this.take(BARE) ?? this.quotedKey();
      if (part === null) return null;
      if (path.length < DEEPEST) path.push(part);
      if (this.arrays === 0) this.note(path, begin);
      this.take(SPACE);
    } while (this.takeText('.'));
    return path;
  }

  private quotedKey(): string | null {
    const quoted = this.string();
    return quoted === null ? null : unquote(quoted);
  }

  /** Passes over a value, and notes the keys of inline tables. */
  private value(path: Path, depth: number): boolean {
    // The parser refuses what is nested deeper.
    if (depth > 1000) return false;
    if (this.takeText('{')) return this.items('}', () => this.statement(path, depth + 1));
    if (!this.takeText('[')) return (this.string() ?? this.take(SCALAR)) !== null;
    this.arrays++;
    const isWhole = this.items(']', () => this.value(path, depth + 1));
    this.arrays--;
    return isWhole;
  }

  private items(end: string, item: () => boolean): boolean {
    for (;;) {
      this.take(BLANK);
      if (this.takeText(end)) return true;
      if (!item()) return false;
      this.take(BLANK);
      if (!this.takeText(',')) return this.takeText(end);
    }
  }

  private string(): string | null {
    for (const form of STRINGS) {
      const text = this.take(form);
      if (text !== null) return text;
    }
    return null;
  }

  private take(form: RegExp): string | null {
    form.lastIndex = this.at;
    const found = form.exec(this.text)?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }

  private takeText(text: string): boolean {
    const has = this.text.startsWith(text, this.at);
    if (has) this.at += text.length;
    return has;
  }

  private note(path: Path, begin: number): void {
    for (; this.counted < begin; this.counted++) {
      if (this.text.charCodeAt(this.counted) === 10) this.line++;
    }
    const key = formatKey(path);
    if (!this.lines.has(key)) this.lines.set(key, this.line);
  }
}

/** What a quoted key means, by the parser's own rules; null if it is none. */
function unquote(quoted: string): string | null {
  try {
    return Object.keys(parse(`${quoted} = 0`))[0] ?? null;
  } catch {
    return null;
  }
}
