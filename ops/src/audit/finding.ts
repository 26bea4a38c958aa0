import { amountText } from '@orderflow/contracts';
import type { Figures, Rule, Violation } from '@orderflow/invariants';

/** One rule with the figures of both sides over the whole system. */
export interface Finding {
  id: string;
  rule: string;
  expected: string;
  found: string;
  /** Number of violations; 0 when the rule holds. */
  count: number;
  /** The first of them. */
  violations: Violation[];
  /** The same, a line each. */
  problems: string[];
}

/** Violations of a rule that are named; the others are only counted. */
export const MOST_NAMED = 100;

/** Sums up the judgements of one rule. */
export class Tally<Facts> {
  private readonly expected = new Map<string, number>();
  private readonly found = new Map<string, number>();
  private readonly violations: Violation[] = [];
  private count = 0;
  private readonly rule: Rule<Facts>;

  constructor(rule: Rule<Facts>) {
    this.rule = rule;
  }

  add(facts: Facts): void {
    const { expected, found, broken } = this.rule.judge(facts);
    addUp(this.expected, expected);
    addUp(this.found, found);
    if (broken === undefined) return;
    this.count += 1;
    if (this.violations.length < MOST_NAMED) this.violations.push({ subject: this.rule.subjectOf(facts), ...broken });
  }

  finding(): Finding {
    const { id, rule } = this.rule;
    const { count, violations } = this;
    const problems = violations.map((it) => `${it.subject}: ${it.found}; expected: ${it.expected}`);
    return { id, rule, expected: this.text(this.expected), found: this.text(this.found), count, violations, problems };
  }

  private text(figures: ReadonlyMap<string, number>): string {
    const write = this.rule.isMoney ? moneyIn : (amount: number, unit: string) => `${amount} ${unit}`;
    return [...figures].map(([unit, amount]) => write(amount, unit)).join(', ') || 'nothing';
  }
}

/** Applies each rule to each subject. @returns a finding for each rule */
export function judgeAll<Facts>(rules: readonly Rule<Facts>[], subjects: readonly Facts[]): Finding[] {
  const tallies = rules.map((rule) => new Tally(rule));
  for (const facts of subjects) for (const tally of tallies) tally.add(facts);
  return tallies.map((tally) => tally.finding());
}

/** `12.30 EUR due` for 1230 of the unit `EUR due`. */
function moneyIn(amount: number, unit: string): string {
  const [currency = '', ...words] = unit.split(' ');
  return `${amountText(amount, currency)} ${words.join(' ')}`;
}

function addUp(totals: Map<string, number>, figures: Figures): void {
  for (const unit in figures) totals.set(unit, (totals.get(unit) ?? 0) + figures[unit]!);
}
