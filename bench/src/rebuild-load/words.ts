/** How far a rebuild was, by the last line of its progress. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** @param errors what the rebuild has written to its standard error; undefined before its first line */
export function progressIn(errors: string): Progress | undefined {
  const [, phase = '', done, total] = [...errors.matchAll(/^(\w+): (\d+) of (\d+) .*\n/gm)].at(-1) ?? [];
  return phase === '' ? undefined : { phase, done: Number(done), total: Number(total) };
}

/** What a rebuild says of its comparison. */
export interface Result {
  readonly rows: number;
  /** Live rows that are not what was built anew. */
  readonly wrong: number;
  /** Live rows that lack an event, or are missing. For snapshots both are one number. */
  readonly lacking: number;
  /** Whether the other table took the place of the live one, or wrong rows were replaced. */
  readonly isDone: boolean;
}

/** @throws Error for an output without a result */
export function resultIn(output: string): Result {
  const [first = '', second = ''] = output.split('\n');
  const snapshots = /^(\d+) snapshots .*: (\d+)\.$/.exec(first);
  const rows = /^(\d+) /.exec(first);
  const found = /: (\d+)\. .*: (\d+)\.$/.exec(second);
  if (rows === null || (snapshots ?? found) === null) throw new Error(`the rebuild says: ${output}`);
  const [wrong, lacking] = snapshots === null ? [found![1], found![2]] : [snapshots[2], 0];
  const isDone = /^(Switched\.|Replaced: \d)/m.test(output);
  return { rows: Number(rows[1]), wrong: Number(wrong), lacking: Number(lacking), isDone };
}
