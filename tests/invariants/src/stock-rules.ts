import { judged, rulesAbout } from './rule.ts';

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

const stockRule = rulesAbout<StockFacts>(({ sku }) => sku);

/** Rules about one product. They hold at every commit of inventory. */
export const stockRules = [
  stockRule('stock-delivered', 'stock: delivered = on hand + committed', ({ delivered, onHand, committed }) =>
    judged(
      delivered === onHand + committed,
      { delivered },
      { 'on hand': onHand, committed },
      {
        expected: `${delivered} delivered`,
        found: `${onHand} on hand and ${committed} committed`,
      },
    ),
  ),
  stockRule(
    'stock-reserved',
    'stock: reserved and committed = what reservations hold',
    ({ reserved, committed, openReservations, committedReservations }) =>
      judged(
        reserved === openReservations && committed === committedReservations,
        { 'by product': reserved + committed },
        { 'by order': openReservations + committedReservations },
        {
          expected: `${openReservations} reserved and ${committedReservations} committed by orders`,
          found: `${reserved} and ${committed} by product`,
        },
      ),
  ),
  stockRule(
    'stock-negative',
    'stock: never below zero, and no more promised than there is',
    ({ onHand, reserved, committed }) => {
      const isSound = Math.min(onHand, reserved, committed, onHand - reserved) >= 0;
      return judged(
        isSound,
        { products: 1 },
        { 'sound ones': isSound ? 1 : 0 },
        {
          expected: '0 <= reserved <= on hand',
          found: `${onHand} on hand, ${reserved} reserved, ${committed} committed`,
        },
      );
    },
  ),
];
