import { type Caller, limitedTo } from '@orderflow/auth';
import { Problem } from '@orderflow/http';
import type { OrderFilter } from '../domain/order-reader.js';

/**
 * The customer that an order is placed for: a customer's own, who need not name it, or the one that an operator names.
 * @param named in the body
 * @throws Problem 422 for another customer than the token's, 400 where nothing names one
 */
export function customerOf(caller: Caller | undefined, named: string | undefined): string {
  const own = limitedTo(caller);
  // guard: orders: a customer places orders for no other customer
  if (own !== undefined && named !== undefined && named !== own) throw otherCustomer();
  const customerId = named ?? caller?.customerId;
  if (customerId === undefined) throw customerMissing();
  return customerId;
}

/** What of a list a customer may see; undefined for nothing. @param own undefined for everything */
export function ownFilter(asked: OrderFilter, own: string | undefined): OrderFilter | undefined {
  if (own === undefined) return asked;
  // guard: orders: lists hold no orders of other customers
  return asked.customerId === undefined || asked.customerId === own ? { ...asked, customerId: own } : undefined;
}

const refused = (status: number, kind: string, detail: string, message: string): Problem =>
  new Problem(status, kind, detail, { errors: [{ field: 'customerId', message }] });

const otherCustomer = (): Problem =>
  refused(422, 'other-customer', 'The token is of another customer.', 'must be the customer of the token, or left out');

// As any other field that is required and missing.
const customerMissing = (): Problem => refused(400, 'validation', 'The body is not valid.', 'is required');
