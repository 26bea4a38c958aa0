import { stripVTControlCharacters } from 'node:util';

const widthOf = (cell: string): number => stripVTControlCharacters(cell).length;

/** Rows as lines of text with aligned columns; the first row is the heading. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  const padded = (row: readonly string[]) =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))).join('  ');
  const [heading = [], ...body] = rows;
  return [padded(heading), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(padded)]
    .map((line) => line.trimEnd())
    .join('\n');
}
