import type { Pair } from './pair.js';

const NAMED = 100;

/** The live rows that are not what was built anew: each is counted once, also when it is found again under the lock. */
export class Findings {
  wrong = 0;
  lacking = 0;
  /** The first of both. */
  readonly named: Pair[] = [];
  private readonly found = new Set<string>();

  add(kind: 'wrong' | 'lacking', pairs: readonly Pair[]): void {
    for (const pair of pairs) {
      if (this.found.has(pair.key)) continue;
      this.found.add(pair.key);
      this[kind]++;
      if (this.named.length < NAMED) this.named.push(pair);
    }
  }
}
