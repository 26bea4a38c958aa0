import type { EventType } from '@orderflow/contracts';

/** An order that a newcomer can place with one click. */
export interface Example {
  /** As in `POST /api/examples/{name}`. */
  readonly name: 'confirmed' | 'out-of-stock' | 'declined' | 'late' | 'cancelled';
  /** Follows "Place one that …". */
  readonly words: string;
  readonly about: string;
  /** The events that are to be expected. */
  readonly told: readonly EventType[];
}

export const examples: readonly Example[] = [
  {
    name: 'confirmed',
    words: 'is confirmed',
    about: 'Stock is held, the payment is captured, the stock leaves, the customer is told.',
    told: ['OrderPlaced', 'StockReserved', 'PaymentCaptured', 'OrderConfirmed', 'StockCommitted', 'NotificationSent'],
  },
  {
    name: 'out-of-stock',
    words: 'runs out of stock',
    about: 'Inventory says no, and payments never charges.',
    told: ['OrderPlaced', 'StockRejected', 'OrderCancelled', 'PaymentVoided', 'NotificationSent'],
  },
  {
    name: 'declined',
    words: 'is declined',
    about: 'The provider refuses the payment, so the stock comes back.',
    told: ['OrderPlaced', 'StockReserved', 'PaymentDeclined', 'OrderCancelled', 'StockReleased', 'NotificationSent'],
  },
  {
    name: 'late',
    words: 'is answered too late',
    about: 'The deadline passes first. When the charge is known at last, the money goes back by itself.',
    told: [
      'OrderPlaced',
      'StockReserved',
      'OrderCancelled',
      'StockReleased',
      'NotificationSent',
      'PaymentRefunded',
      'NotificationSent',
    ],
  },
  {
    name: 'cancelled',
    words: 'is cancelled',
    about: 'The customer cancels while the payment is under way.',
    told: ['OrderPlaced', 'StockReserved', 'OrderCancelled', 'StockReleased', 'PaymentVoided', 'NotificationSent'],
  },
];
