import { describe, expect, it } from '@jest/globals';
import {
  breakSearch,
  commonSearch,
  lettersSearch,
  orderParams,
  orderSearch,
  ordersSearch,
  parseSearch,
  stringifySearch,
} from './search-params.js';

describe('the search parameters', () => {
  it('are read as they were written', () => {
    const search = {
      at: '2026-11-24T14:02:11.140Z',
      status: 'cancelled',
      settled: 'true',
      reason: 'timed_out',
      trouble: 'parked',
      customerId: 'ada',
      sku: 'A/B & c',
    };
    expect(ordersSearch(parseSearch(stringifySearch(search)))).toEqual(search);
    expect(breakSearch({ for: '60' })).toEqual({ for: '60' });
  });

  it('leave out what cannot be one', () => {
    const search = {
      at: 'yesterday',
      status: 'lost',
      settled: '1',
      reason: 'mood',
      trouble: 'true',
      sku: '',
      customerId: 'x'.repeat(201),
      other: 'x',
    };
    expect(ordersSearch(search)).toEqual({});
    expect(breakSearch({ for: '31' })).toEqual({});
    expect(lettersSearch({ do: 'eat', log: 'yes', tab: 'words', letter: '' })).toEqual({});
    expect(orderSearch({ view: 'tree', tab: 'words', event: 3 })).toEqual({});
  });

  it('carry an instant in UTC, whatever its offset was', () => {
    expect(commonSearch({ at: '2026-11-24T15:02:11.140+01:00' })).toEqual({ at: '2026-11-24T14:02:11.140Z' });
  });
});

describe('the id of an order in the path', () => {
  it('is in lower case, as the stream of the console names the order', () => {
    const id = '0190A6C2-7E4F-7000-8000-00000000ABCD';
    expect(orderParams({ orderId: id })).toEqual({ orderId: id.toLowerCase() });
  });
});
