import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

/** Changes of the guarded statements: each pattern must match in one of them. `'removed'`: they are left out. */
export type Edit = 'removed' | readonly (readonly [pattern: RegExp, replacement: string])[];

const MARK = /^ *\/\/ (guard|proves): (.+)$/;
const COMMENT = /^ *(\/\/|\/?\*)/;
const CLOSER = /^ *[)\]}>`]/;
const TEST = /\b(?:it|test)(?:\.\w+)?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/s;

/** A statement below the comment `// guard: <name>`: its first and last line, from 0. */
export interface Place {
  /** From the root of the repository. */
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/** A test below the comment `// proves: <name>`. */
export interface Proof {
  /** From the root of the repository. */
  readonly file: string;
  /** Its title, without those of the blocks around it. */
  readonly title: string;
}

/** What the marks of the repository say of one name. */
export interface Guard {
  readonly places: Place[];
  readonly proofs: Proof[];
}

/** @returns the guards by name. @throws Error where no test follows a mark `proves` */
export function findGuards(): ReadonlyMap<string, Guard> {
  const guards = new Map<string, Guard>();
  for (const file of globSync('{apps,libs}/*/{src,test}/**/*.ts', {
    cwd: root,
    exclude: ['**/generated/**'],
  }).toSorted()) {
    const lines = linesOf(file);
    lines.forEach((line, i) => {
      const [, kind, name] = MARK.exec(line) ?? [];
      if (name === undefined) return;
      const guard = guards.get(name) ?? { places: [], proofs: [] };
      guards.set(name, guard);
      const from = lines.findIndex((text, at) => at > i && !COMMENT.test(text));
      if (kind === 'guard') guard.places.push({ file, from, to: lastLineOf(lines, from) });
      else guard.proofs.push({ file, title: titleOf(lines.slice(from), name) });
    });
  }
  return guards;
}

/** @param file from the root of the repository */
const linesOf = (file: string): string[] => readFileSync(join(root, file), 'utf8').split('\n');

/** Prettier indents the later lines of a statement, or they close a bracket. */
function lastLineOf(lines: readonly string[], from: number): number {
  const indentOf = (text: string) => text.search(/\S/);
  const indent = indentOf(lines[from]!);
  const end = lines.findIndex((text, i) => {
    const own = indentOf(text);
    return i > from && own !== -1 && (own < indent || (own === indent && !CLOSER.test(text)));
  });
  return lines.findLastIndex((text, i) => (end === -1 || i < end) && text.trim() !== '' && !COMMENT.test(text));
}

function titleOf(lines: readonly string[], name: string): string {
  const [, , title] = TEST.exec(lines.slice(0, 3).join('\n')) ?? [];
  if (title === undefined) throw new Error(`no test follows the mark "proves: ${name}"`);
  return title.replaceAll(/\\(.)/g, '$1');
}

/** @returns the sources without the guard, by absolute path. @throws Error where a pattern matches nothing */
export function sourcesOf(name: string, { places }: Guard, edit: Edit): Record<string, string> {
  const changes = edit === 'removed' ? [[/^[^]*$/, ''] as const] : edit;
  const unused = new Set(changes);
  const sources = new Map<string, string[]>();
  // From the last one, so that the places before it stay where they are.
  for (const { file, from, to } of places.toReversed()) {
    const lines = sources.get(file) ?? linesOf(file);
    sources.set(file, lines);
    let text = lines.slice(from, to + 1).join('\n');
    for (const change of changes) {
      if (change[0].test(text)) unused.delete(change);
      text = text.replace(...change);
    }
    lines.splice(from, to + 1 - from, text);
  }
  for (const [pattern] of unused) throw new Error(`${String(pattern)} matches no statement marked "guard: ${name}"`);
  return Object.fromEntries([...sources].map(([file, lines]) => [join(root, file), lines.join('\n')]));
}
