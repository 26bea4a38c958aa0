/** Amounts by unit. They add up over all subjects of a rule. */
export type Figures = Readonly<Record<string, number>>;

/** What a rule finds in the facts of one subject. `broken` is set only if the rule does not hold. */
export interface Judgement {
  readonly expected: Figures;
  readonly found: Figures;
  readonly broken?: { readonly expected: string; readonly found: string };
}

/** One thing that must hold of each subject: an order, a product, a service, a request or a stream of events. */
export interface Rule<Facts> {
  /** Stable, for programs. */
  readonly id: string;
  /** For operators. */
  readonly rule: string;
  /** Units start with an ISO 4217 code, and amounts are in its minor units. */
  readonly isMoney?: boolean;
  readonly subjectOf: (facts: Facts) => string;
  readonly judge: (facts: Facts) => Judgement;
}

export interface Violation {
  /** An order id, a SKU, a service or an idempotency key. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

/** A violation together with the rule that it breaks. */
export type BrokenRule = Violation & Pick<Rule<never>, 'id' | 'rule'>;

export const nothing: Judgement = { expected: {}, found: {} };

/** The figures alone if the rule holds, else with both sides in words. */
export const judged = (
  holds: boolean,
  figures: Pick<Judgement, 'expected' | 'found'>,
  broken: NonNullable<Judgement['broken']>,
): Judgement => (holds ? figures : { ...figures, broken });

/** Applies each rule to each subject. @returns every violation, by rule */
export const violationsOf = <Facts>(rules: readonly Rule<Facts>[], subjects: readonly Facts[]): BrokenRule[] =>
  rules.flatMap(({ id, rule, subjectOf, judge }) =>
    subjects.flatMap((facts) => {
      const { broken } = judge(facts);
      return broken === undefined ? [] : [{ id, rule, subject: subjectOf(facts), ...broken }];
    }),
  );
