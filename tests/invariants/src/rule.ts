/** Amounts by unit. They add up over all subjects of a rule. */
export type Figures = Readonly<Record<string, number>>;

/** The two sides of a rule, in words. */
export interface Sides {
  readonly expected: string;
  readonly found: string;
}

/** What a rule finds in the facts of one subject. `broken` is set only if the rule does not hold. */
export interface Judgement {
  readonly expected: Figures;
  readonly found: Figures;
  readonly broken?: Sides;
}

/** One thing that must hold of each subject: an order, a product, a service, a request or a stream of events. */
export interface Rule<Facts> {
  /** Stable, for programs. */
  readonly id: string;
  /** For operators. */
  readonly rule: string;
  readonly subjectOf: (facts: Facts) => string;
  readonly judge: (facts: Facts) => Judgement;
  /** Units start with an ISO 4217 code, and amounts are in its minor units. */
  readonly isMoney?: boolean;
}

/** `subject` is an order id, a SKU, a service or an idempotency key. */
export type Violation = Sides & { readonly subject: string };

/** A violation together with the rule that it breaks. */
export type BrokenRule = Violation & Pick<Rule<never>, 'id' | 'rule'>;

export const nothing: Judgement = { expected: {}, found: {} };

/** The figures alone if the rule holds, else with both sides in words. */
export const judged = (holds: boolean, expected: Figures, found: Figures, broken: Sides): Judgement =>
  holds ? { expected, found } : { expected, found, broken };

/** @returns a function that makes rules about the same kind of subject */
export const rulesAbout =
  <Facts>(subjectOf: Rule<Facts>['subjectOf']) =>
  (id: string, rule: string, judge: Rule<Facts>['judge'], more: { isMoney?: boolean } = {}): Rule<Facts> => ({
    id,
    rule,
    subjectOf,
    judge,
    ...more,
  });

/** Applies each rule to each subject. @returns every violation, by rule */
export const violationsOf = <Facts>(rules: readonly Rule<Facts>[], subjects: readonly Facts[]): BrokenRule[] =>
  rules.flatMap(({ id, rule, subjectOf, judge }) =>
    subjects.flatMap((facts) => {
      const { broken } = judge(facts);
      return broken === undefined ? [] : [{ id, rule, subject: subjectOf(facts), ...broken }];
    }),
  );
