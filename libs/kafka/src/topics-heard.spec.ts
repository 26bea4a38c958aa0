import { describe, expect, it } from '@jest/globals';
import { topicsHeardBy } from './topics-heard.js';

describe('the topics of a service', () => {
  it('are those on which what it hears travels, each once', () => {
    expect([...topicsHeardBy('inventory')]).toEqual(['orders.events']);
    expect([...topicsHeardBy('orders')].sort()).toEqual(['inventory.events', 'inventory.products', 'payments.events']);
  });
});
