import { completeOrder } from '@orderflow/client';
import { fresh } from './test-client.js';

const good = (sku: string) => ({ ...completeOrder({ lines: [{ sku, quantity: 1 }] }), currency: 'EUR' });
const withLines = (lines: unknown): string => JSON.stringify({ ...good('any'), lines });
const withQuantity = (sku: string, quantity: unknown): string => withLines([{ sku, quantity }]);
const manyLines = () => Array.from({ length: 101 }, (_, index) => ({ sku: `sku-${index}`, quantity: 1 }));

export interface BadOrder {
  readonly what: string;
  readonly status: number;
  /** The field that `errors` names; left out where the whole body is wrong. */
  readonly field?: string;
  /** The request; `sku` is on sale. */
  readonly body: (sku: string) => string;
  readonly headers?: Record<string, string>;
}

/** Orders that must be rejected. */
export const badOrders: readonly BadOrder[] = [
  { what: 'malformed JSON', status: 400, body: () => '{"customerId": ' },
  { what: 'no body', status: 400, body: () => '' },
  { what: 'an array for a body', status: 400, field: '', body: () => '[]' },
  {
    what: 'an unknown field',
    status: 400,
    field: 'colour',
    body: (sku) => JSON.stringify({ ...good(sku), colour: 'red' }),
  },
  {
    what: 'an unknown field in a line',
    status: 400,
    field: 'lines[0].price',
    body: (sku) => withLines([{ sku, quantity: 1, price: 1 }]),
  },
  {
    what: 'a missing field',
    status: 400,
    field: 'email',
    body: (sku) => JSON.stringify({ ...good(sku), email: undefined }),
  },
  { what: 'no lines', status: 400, field: 'lines', body: () => withLines([]) },
  { what: 'more than 100 lines', status: 400, field: 'lines', body: () => withLines(manyLines()) },
  {
    what: 'the same SKU in two lines',
    status: 400,
    field: 'lines[1].sku',
    body: (sku) =>
      withLines([
        { sku, quantity: 1 },
        { sku, quantity: 2 },
      ]),
  },
  { what: 'quantity 0', status: 400, field: 'lines[0].quantity', body: (sku) => withQuantity(sku, 0) },
  { what: 'a negative quantity', status: 400, field: 'lines[0].quantity', body: (sku) => withQuantity(sku, -1) },
  { what: 'a fractional quantity', status: 400, field: 'lines[0].quantity', body: (sku) => withQuantity(sku, 1.5) },
  {
    what: 'a quantity above 10,000',
    status: 400,
    field: 'lines[0].quantity',
    body: (sku) => withQuantity(sku, 10_001),
  },
  { what: 'a quantity in words', status: 400, field: 'lines[0].quantity', body: (sku) => withQuantity(sku, '1') },
  {
    what: 'a malformed email address',
    status: 400,
    field: 'email',
    body: (sku) => JSON.stringify({ ...good(sku), email: 'me' }),
  },
  {
    what: 'a malformed currency',
    status: 400,
    field: 'currency',
    body: (sku) => JSON.stringify({ ...good(sku), currency: 'eur' }),
  },
  {
    what: 'a customer with control characters',
    status: 400,
    field: 'customerId',
    body: (sku) => JSON.stringify({ ...good(sku), customerId: 'a\u0000b' }),
  },
  {
    what: 'an unknown SKU',
    status: 422,
    field: 'lines[0].sku',
    body: () => withLines([{ sku: fresh('no'), quantity: 1 }]),
  },
  {
    what: 'another currency than that of the product',
    status: 422,
    field: 'lines[0].sku',
    body: (sku) => JSON.stringify({ ...good(sku), currency: 'USD' }),
  },
  {
    what: 'a body above 64 KB',
    status: 413,
    body: (sku) => JSON.stringify({ ...good(sku), note: 'x'.repeat(70_000) }),
  },
  { what: 'another content type', status: 415, body: () => 'customerId=1', headers: { 'content-type': 'text/plain' } },
  {
    what: 'a form',
    status: 415,
    body: () => 'customerId=1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  },
  {
    what: 'a __proto__ key',
    status: 400,
    body: (sku) => `${JSON.stringify(good(sku)).slice(0, -1)},"__proto__":{"a":1}}`,
  },
  {
    what: 'a constructor key',
    status: 400,
    body: (sku) => `${JSON.stringify(good(sku)).slice(0, -1)},"constructor":{"prototype":{}}}`,
  },
  {
    what: 'an Idempotency-Key that is too long',
    status: 400,
    field: 'Idempotency-Key',
    body: (sku) => JSON.stringify(good(sku)),
    headers: { 'idempotency-key': 'k'.repeat(256) },
  },
];
