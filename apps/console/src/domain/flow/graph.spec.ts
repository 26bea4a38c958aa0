import { describe, expect, it } from '@jest/globals';
import { consumerGroups, services, topics } from '@orderflow/contracts';
import { eventTopics, producers } from './graph.js';

const topicsOf = (name: string) => consumerGroups.find(({ group }) => group === name)?.topics;

describe('the graph of the saga table', () => {
  it('has each service with the topics of its events', () => {
    expect(producers.map(({ service }) => service)).toEqual(services);
    expect(producers.find(({ service }) => service === 'inventory')?.topics).toEqual([
      'inventory.products',
      'inventory.events',
    ]);
  });

  it('gives each group the topics of the events that its service consumes', () => {
    expect(topicsOf('inventory')).toEqual(['orders.events']);
    expect(topicsOf('payments')).toEqual(['orders.events', 'inventory.events']);
    expect(topicsOf('notifications')).toEqual(['orders.events', 'payments.events']);
    expect(topicsOf('orders')?.toSorted()).toEqual(['inventory.events', 'inventory.products', 'payments.events']);
  });

  it('lets the read model hear everything about an order, and the journal every topic', () => {
    expect(topicsOf('orders.views')).not.toContain('inventory.products');
    expect(topicsOf('orders.views')).toHaveLength(services.length);
    expect(topicsOf('console.journal')).toEqual(Object.keys(topics));
  });

  it('has each event on one topic', () => {
    const types = eventTopics.flatMap(({ events }) => events);
    expect(new Set(types).size).toBe(types.length);
    expect(eventTopics.map(({ topic }) => topic)).not.toContain('orders.dead-letters');
  });
});
