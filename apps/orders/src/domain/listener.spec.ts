import { describe, expect, it } from '@jest/globals';
import { tells } from './listener.js';

const orderId = '0190a6c2-7e4f-7000-8000-000000000001';
const heard = { orders: 1, inventory: 1, payments: 0, notifications: 0 };
const more = { ...heard, payments: 1 };
const underWay = { settled: false };

describe('a listener', () => {
  it('is told the current view first, whichever it is', () => {
    expect(tells({ heard, ...underWay }, { orderId, heard: undefined })).toBe(true);
  });

  it('is told a view that has more events than its own', () => {
    expect(tells({ heard: more, ...underWay }, { orderId, heard })).toBe(true);
  });

  // proves: orders: a stream tells a view once, and none that is older than another
  it('is not told its own view again', () => {
    expect(tells({ heard, ...underWay }, { orderId, heard })).toBe(false);
    expect(tells({ heard, settled: true }, { orderId, heard })).toBe(false);
  });

  // proves: orders: a stream tells a view once, and none that is older than another
  it('is not told a view that lacks an event of its own: the write side was ahead, or views are rebuilt', () => {
    expect(tells({ heard, ...underWay }, { orderId, heard: more })).toBe(false);
    const writeSide = { orders: 2, inventory: 0, payments: 0, notifications: 0 };
    expect(tells({ heard: more, ...underWay }, { orderId, heard: writeSide })).toBe(false);
  });

  it('is told the last view all the same: nothing follows that it could wait for', () => {
    expect(tells({ heard: more, settled: true }, { orderId, heard: { ...heard, notifications: 3 } })).toBe(true);
  });
});
