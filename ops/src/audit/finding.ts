/** Amounts by unit: what a rule adds up over all that it looks at. */
export type Figures = Readonly<Record<string, number>>;

/** What breaks a rule, with the figures of both sides. */
export interface Violation {
  /** An order's id, a SKU, or a service. */
  subject: string;
  expected: string;
  found: string;
}

/** What a rule says of one order, one product or one service. */
export interface Judgement {
  expected: Figures;
  found: Figures;
  broken?: { expected: string; found: string };
}

export interface Rule<Subject> {
  /** Stable: for programs. */
  id: string;
  /** For people. */
  rule: string;
  subjectOf(subject: Subject): string;
  judge(subject: Subject, lateAfterSeconds: number): Judgement;
  /** How an amount is written; `12 mails` where nothing is given. */
  write?: (amount: number, unit: string) => string;
}

/** One rule with the figures of both sides over the whole system. */
export interface Finding {
  id: string;
  rule: string;
  expected: string;
  found: string;
  /** How many violations there are; 0 when the rule holds. */
  count: number;
  /** The first of them. */
  violations: Violation[];
  /** The same, a line each. */
  problems: string[];
}

/** So many violations of a rule are named; the others are only counted. */
export const MOST_NAMED = 100;

/** Adds up what one rule says. */
export class Tally<Subject> {
  private readonly expected = new Map<string, number>();
  private readonly found = new Map<string, number>();
  private readonly violations: Violation[] = [];
  private count = 0;
  private readonly rule: Rule<Subject>;

  constructor(rule: Rule<Subject>) {
    this.rule = rule;
  }

  add(subject: Subject, lateAfterSeconds: number): void {
    const { expected, found, broken } = this.rule.judge(subject, lateAfterSeconds);
    addUp(this.expected, expected);
    addUp(this.found, found);
    if (broken === undefined) return;
    this.count += 1;
    if (this.violations.length < MOST_NAMED) this.violations.push({ subject: this.rule.subjectOf(subject), ...broken });
  }

  finding(): Finding {
    const { id, rule } = this.rule;
    const { count, violations } = this;
    const problems = violations.map((it) => `${it.subject}: ${it.found}; expected: ${it.expected}`);
    return { id, rule, expected: this.text(this.expected), found: this.text(this.found), count, violations, problems };
  }

  private text(figures: ReadonlyMap<string, number>): string {
    const write = this.rule.write ?? ((amount, unit) => `${amount} ${unit}`);
    return [...figures].map(([unit, amount]) => write(amount, unit)).join(', ') || 'nothing';
  }
}

function addUp(totals: Map<string, number>, figures: Figures): void {
  for (const unit in figures) totals.set(unit, (totals.get(unit) ?? 0) + figures[unit]!);
}
