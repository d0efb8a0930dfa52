/**
 * Text on a terminal: how wide it is, and what in it must not get there. Names, reasons and log
 * lines come from outside; an escape sequence in them must not move the cursor or set a title.
 */

/**
 * C0, DEL, C1, line separators, marks that turn the direction of writing, and lone surrogates:
 * what acts on a terminal or makes a line look like another one.
 */
const acting = /[\p{Control}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** Shows control characters instead of sending them: ESC becomes `\x1b`. The rest is unchanged. */
export function safe(text: string): string {
  return text.replace(acting, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The same for text of several lines, which keep their ends and tabs. */
export const safeLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split('\t').map(safe).join('\t'))
    .join('\n');

let segmenter: Intl.Segmenter | undefined;

/** What people take for one character. The first call costs 10 ms, and ASCII needs none. */
function graphemes(text: string): Iterable<{ segment: string }> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Scripts and symbols that take two columns; Unicode, "East Asian Width", W and F. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

const isAscii = (text: string): boolean => /^[ -~]*$/.test(text);

function columnsOf(grapheme: string): number {
  if (wide.test(grapheme)) return 2;
  return /^[\p{Mark}\p{Cf}]+$/u.test(grapheme) ? 0 : 1;
}

/** How many columns a terminal needs for it. */
export function width(text: string): number {
  if (isAscii(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes(text)) columns += columnsOf(segment);
  return columns;
}

/** Cut to at most `columns`, with an ellipsis in place of what is missing. */
export function truncate(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  if (isAscii(text)) return columns < 1 ? '' : `${text.slice(0, columns - 1)}…`;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes(text)) {
    used += columnsOf(segment);
    if (used > columns - 1) break;
    kept += segment;
  }
  return columns < 1 ? '' : `${kept}…`;
}

/** Filled with blanks to `columns`; never cut. */
export const pad = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - width(text)));

export const padStart = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - width(text))) + text;
