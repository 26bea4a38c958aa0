import { judged, type Rule } from './rule.ts';

/** The stock of one product, and the same summed over deliveries and reservations. Units of the product. */
export interface StockFacts {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly committed: number;
  readonly delivered: number;
  readonly openReservations: number;
  readonly committedReservations: number;
}

type StockRule = Rule<StockFacts>;

const subjectOf = ({ sku }: StockFacts): string => sku;

const delivered: StockRule = {
  id: 'stock-delivered',
  rule: 'stock: delivered = on hand + committed',
  subjectOf,
  judge: ({ delivered, onHand, committed }) =>
    judged(
      delivered === onHand + committed,
      { expected: { delivered }, found: { 'on hand': onHand, committed } },
      { expected: `${delivered} delivered`, found: `${onHand} on hand and ${committed} committed` },
    ),
};

const reserved: StockRule = {
  id: 'stock-reserved',
  rule: 'stock: reserved and committed = what reservations hold',
  subjectOf,
  judge: ({ reserved, committed, openReservations, committedReservations }) =>
    judged(
      reserved === openReservations && committed === committedReservations,
      {
        expected: { 'by product': reserved + committed },
        found: { 'by order': openReservations + committedReservations },
      },
      {
        expected: `${openReservations} reserved and ${committedReservations} committed by orders`,
        found: `${reserved} and ${committed} by product`,
      },
    ),
};

const neverBelowZero: StockRule = {
  id: 'stock-negative',
  rule: 'stock: never below zero, and no more promised than there is',
  subjectOf,
  judge({ onHand, reserved, committed }) {
    const isSound = Math.min(onHand, reserved, committed, onHand - reserved) >= 0;
    return judged(
      isSound,
      { expected: { products: 1 }, found: { 'sound ones': isSound ? 1 : 0 } },
      {
        expected: '0 <= reserved <= on hand',
        found: `${onHand} on hand, ${reserved} reserved, ${committed} committed`,
      },
    );
  },
};

/** Rules about one product. They hold at every commit of inventory. */
export const stockRules: readonly StockRule[] = [delivered, reserved, neverBelowZero];
