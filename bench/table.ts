/** The table that is printed: data in, text out. */

/** `goal`: what is to be reached, and whether it is; null: a figure to know, or to compare with. */
export type Row = Readonly<{
  what: string;
  measured: string;
  goal: Readonly<{ text: string; holds: boolean }> | null;
}>;

/** Rows that were measured in the same way. */
export type Part = Readonly<{ what: string; how: string; rows: readonly Row[] }>;

export function renderTable(parts: readonly Part[]): string {
  const cells = parts.flatMap(({ rows }) => rows.map(cellsOf));
  const widths = [0, 1, 2].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: Row): string =>
    cellsOf(row)
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return parts
    .map(({ what, how, rows }) => [`${what}: ${how}`, ...rows.map((row) => `  ${line(row)}`), ''])
    .flat()
    .join('\n');
}

function cellsOf({ what, measured, goal }: Row): readonly string[] {
  return goal === null
    ? [what, measured, '', '']
    : [what, measured, goal.text, goal.holds ? 'holds' : 'MISSED'];
}
