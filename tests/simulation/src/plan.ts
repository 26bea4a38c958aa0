import fc from 'fast-check';

export interface OrderPlan {
  /** One line each, all of the same SKU. */
  readonly quantities: readonly number[];
  readonly isFree: boolean;
  readonly isDeclined: boolean;
  /** Steps between placing and cancelling; undefined: the customer does not cancel. */
  readonly cancelledAfter: number | undefined;
}

const faultKinds = [
  'kill',
  'kill after its operations',
  'pause',
  'expel from its groups',
  'lose an answer',
  'refuse a request',
  'advance the clock',
  'make undecodable',
  'refuse a record',
  'store a part of a send',
  'redeliver everything',
  'hold back a partition',
  'end its sessions',
  'repeat a request',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  /** Steps after the previous fault. */
  readonly after: number;
  readonly kind: FaultKind;
  /** Selects the target, modulo the number of possible targets. */
  readonly which: number;
}

/** Determines a run completely: the same plan gives the same run. */
export interface Plan {
  readonly orders: readonly OrderPlan[];
  /** 0: the action that has waited longest runs next. Any other number: the seed of the interleaving. */
  readonly interleaving: number;
  /** Of each service. */
  readonly instances: 1 | 2;
  readonly hasViews: boolean;
  /** How far the clock of the first instance of each service is ahead of the database's, ms. */
  readonly skewMs: number;
  readonly faults: readonly Fault[];
}

const order: fc.Arbitrary<OrderPlan> = fc.record({
  quantities: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
  isFree: fc.nat(4).map((n) => n === 1),
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
  instances: fc.constantFrom(1, 2),
  hasViews: fc.nat(4).map((n) => n === 1),
  faults: fc.array(fault, { maxLength: 6 }),
  skewMs: fc.constantFrom(0, -15_000, 3_600_000),
});
