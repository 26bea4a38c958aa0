import type { KafkaRight } from '@orderflow/contracts';

const HEADER = ['principal', 'right', 'topics or groups'];

/** The rights as a Markdown table, with columns of one width. @returns its lines */
export function rightsTable(rights: readonly KafkaRight[]): string[] {
  const rows = rights.map(({ principal, operation, resource, match, names }) => [
    `\`${principal}\``,
    `${operation} ${resource}`,
    names.map((name) => `\`${name}${match === 'prefixed' ? '*' : ''}\``).join(', '),
  ]);
  const widths = HEADER.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]!.length)));
  const lineOf = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [lineOf(HEADER), lineOf(widths.map((width) => '-'.repeat(width))), ...rows.map(lineOf)];
}
