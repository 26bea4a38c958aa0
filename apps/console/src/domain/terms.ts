import { createHash } from 'node:crypto';
import type { Event } from '@orderflow/contracts';

/** A text by which an order is found. */
export interface Term {
  readonly kind: 'customer' | 'sku' | 'charge' | 'mail' | 'trace';
  readonly term: string;
}

/** What an e-mail address is found by: the table holds no address. */
export const mailTerm = (address: string): string => createHash('sha256').update(address.toLowerCase()).digest('hex');

/** The terms of one event, each once. A trace is found by the event that began it. */
export function termsOf(event: Event, traceId: string | undefined): Term[] {
  switch (event.type) {
    case 'OrderPlaced': {
      const { customerId, email, lines } = event.data;
      return [
        { kind: 'customer', term: customerId },
        { kind: 'mail', term: mailTerm(email) },
        ...[...new Set(lines.map(({ sku }) => sku))].map((term): Term => ({ kind: 'sku', term })),
        ...(traceId === undefined ? [] : [{ kind: 'trace', term: traceId } as const]),
      ];
    }
    case 'PaymentCaptured':
      return [{ kind: 'charge', term: event.data.chargeId }];
    case 'PaymentRefunded':
      return event.data.refundId === '' ? [] : [{ kind: 'charge', term: event.data.refundId }];
    default:
      return [];
  }
}
