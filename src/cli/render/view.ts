/** What a renderer has to know about where its text goes. */

export type Style = 'good' | 'bad' | 'warn' | 'dim' | 'bold';

export type View = Readonly<{
  /** Columns of the terminal; null: no terminal, so nothing is cut, and times are absolute. */
  columns: number | null;
  colour: boolean;
  /** Milliseconds since 1970. */
  now: number;
}>;

/** ECMA-48, "SGR"; the eight colours that every terminal has. */
const codes: Readonly<Record<Style, number>> = { good: 32, bad: 31, warn: 33, dim: 2, bold: 1 };

export const paint = (view: View, style: Style | undefined, text: string): string =>
  view.colour && style !== undefined && text !== '' ? `\x1b[${codes[style]}m${text}\x1b[0m` : text;
