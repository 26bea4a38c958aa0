import { join } from 'node:path';
import { root } from '../../../ops/src/demo/running-system.ts';
import type { Mutant } from './mutant.ts';

export const pageFile = join(root, 'docs', 'mutants.md');

const HEAD = `# The mutants

Each guard is switched off by a change of the source while its tests run, one at a time, and a named test must go red for the
right reason; the same test is green without the change. \`npm run mutants\` does that with all of them and fails where one
survives, \`npm run mutants -- --only relay\` with those that have the word in their line, and \`npm test\` with those that need no
real parts. The list is in \`tests/mutation/src/\`; this page is written by \`npm run mutants -- --write\`.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The list as a page for people. */
export function pageOf(mutants: readonly Mutant[]): string {
  const rows = mutants.map(({ guard, file, check }) => [
    cell(guard),
    `\`${file}\``,
    `\`${check.file}\`: ${cell(check.name)}`,
  ]);
  const heading = ['guard', 'switched off in', 'caught by'];
  const widths = heading.map((_, column) => Math.max(...[heading, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |`;
  return [HEAD, line(heading), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line), ''].join('\n');
}
