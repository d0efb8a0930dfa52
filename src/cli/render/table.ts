/** Aligned columns. The last one takes what room is left on a terminal, and is cut to it. */

import { pad, padStart, safe, truncate, width } from './text.js';
import { paint, type Style, type View } from './view.js';

export type Cell = Readonly<{ text: string; style?: Style }>;

export type Column = Readonly<{ title: string; align?: 'right' }>;

const gap = '  ';

/** A line for the titles and one for each row; no blanks at their ends. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  view: View,
): string {
  const titles = columns.map(({ title }): Cell => ({ text: title, style: 'bold' }));
  const cells = [titles, ...rows].map((row) =>
    row.map((cell) => ({ ...cell, text: safe(cell.text) })),
  );
  const widths = columns.map((_, at) =>
    Math.max(...cells.map((row) => width(row[at]?.text ?? ''))),
  );
  return cells.map((row) => `${line(row, columns, widths, view)}\n`).join('');
}

function line(
  row: readonly Cell[],
  columns: readonly Column[],
  widths: readonly number[],
  view: View,
): string {
  let room = view.columns ?? Infinity;
  let text = '';
  for (const [at, { align }] of columns.entries()) {
    const cell = row[at] ?? { text: '' };
    const size = widths[at] ?? 0;
    const isLast = at === columns.length - 1;
    const placed =
      align === 'right' ? padStart(cell.text, size) : isLast ? cell.text : pad(cell.text, size);
    const shown = truncate(placed, room);
    text += paint(view, cell.style, shown) + (isLast ? '' : gap);
    room = Math.max(0, room - size - gap.length);
  }
  return text.trimEnd();
}
