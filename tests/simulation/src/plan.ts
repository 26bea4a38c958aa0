import fc from 'fast-check';

export interface OrderPlan {
  readonly quantity: number;
  readonly isDeclined: boolean;
  /** How many steps after it was placed; never, where it is not there. */
  readonly cancelledAfter: number | undefined;
}

export const faultKinds = [
  'kill',
  'kill after the effect',
  'stop',
  'expel from its groups',
  'lose an answer',
  'refuse a request',
  'let time leap',
  'make undecodable',
  'refuse a record',
  'store a part',
  'deliver all again',
  'hold back a partition',
  'end a session',
  'post again',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  /** Steps after the one before. */
  readonly after: number;
  readonly kind: FaultKind;
  /** Whom or what it hits, among those that there are. */
  readonly which: number;
}

/** All that decides how a run goes. The same plan is the same run. */
export interface Plan {
  readonly orders: readonly OrderPlan[];
  /** Who goes on next among those that can: 0 is who waits longest, any other number one of the interleavings. */
  readonly interleaving: number;
  /** Members of each service. */
  readonly members: 1 | 2;
  readonly hasViews: boolean;
  readonly faults: readonly Fault[];
}

const order: fc.Arbitrary<OrderPlan> = fc.record({
  quantity: fc.integer({ min: 1, max: 3 }),
  isDeclined: fc.boolean(),
  cancelledAfter: fc.option(fc.nat(150), { nil: undefined, freq: 2 }),
});

const fault: fc.Arbitrary<Fault> = fc.record({
  after: fc.nat(60),
  kind: fc.constantFrom(...faultKinds),
  which: fc.nat(99),
});

export const plans: fc.Arbitrary<Plan> = fc.record({
  orders: fc.array(order, { minLength: 1, maxLength: 2 }),
  interleaving: fc.nat(),
  members: fc.constantFrom(1, 2),
  hasViews: fc.nat(4).map((n) => n === 1),
  faults: fc.array(fault, { maxLength: 6 }),
});
