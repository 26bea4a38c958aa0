import { describe, expect, it } from '@jest/globals';
import { type EventType, versionsOf } from '@orderflow/contracts';
import { fieldsOf } from './fields.js';

const versions = (type: EventType) =>
  versionsOf(type).map(({ version, schema }) => ({ version, schema: { ...schema }, last: null }));
const fields = (type: EventType, version: string) => fieldsOf(versions(type), version);
const fieldOf = (path: string) => fields('OrderPlaced', '1.2.0').find((field) => field.path === path);

describe('the fields of an event', () => {
  it('have words for their types, and those of lists a path', () => {
    expect(fieldOf('customerId')).toMatchObject({ type: 'text', isOptional: false });
    expect(fieldOf('lines')).toMatchObject({ type: 'list' });
    expect(fieldOf('lines[].quantity')).toMatchObject({ type: 'whole number' });
    expect(fieldOf('totalMinor')).toMatchObject({ type: 'whole number, large', doc: 'Minor units' });
    expect(fields('StockRejected', '1.0.0').find(({ path }) => path === 'reason')?.type).toMatch(
      /^one of out_of_stock, /,
    );
  });

  it('name the version that had them first', () => {
    expect(fieldOf('currency')?.since).toBe('1.0.0');
    expect(fieldOf('lines[].largeUnitPriceMinor')).toMatchObject({ since: '1.1.0', isOptional: true });
    expect(fields('OrderPlaced', '1.0.0').map(({ path }) => path)).not.toContain('expectedTotalMinor');
  });

  it('say which of them no page shows', () => {
    expect(fieldOf('paymentToken')?.isConfidential).toBe(true);
    expect(fieldOf('email')?.isConfidential).toBe(false);
    const old = fields('OrderPlaced', '1.0.0').find(({ path }) => path === 'paymentToken');
    expect(old?.isConfidential).toBe(true);
  });

  it('are none for an event without data, and for a version that is not there', () => {
    expect(fields('PaymentVoided', '1.0.0')).toEqual([]);
    expect(fields('OrderPlaced', '9.0.0')).toEqual([]);
  });
});
