import { describe, expect, it } from '@jest/globals';
import { recordId } from './inbox.js';

const UUID_V8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const at = { topic: 'orders.events', partition: 1, offset: '12' };

describe('the inbox id of a record', () => {
  it('is a UUID, the same for the same position', () => {
    expect(recordId(at)).toMatch(UUID_V8);
    expect(recordId({ ...at })).toBe(recordId(at));
  });

  it('differs for every other position', () => {
    const others = [at, { ...at, offset: '13' }, { ...at, partition: 11, offset: '2' }, { ...at, topic: 'orders' }];
    expect(new Set(others.map(recordId)).size).toBe(4);
  });
});
