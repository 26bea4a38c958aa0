import { describe, expect, it } from '@jest/globals';
import {
  type EventType,
  type ReactionsOf,
  type Published,
  eventSchemas,
  consumedBy,
  orderSaga,
  topicOf,
  topics,
} from './index.js';

type Reactions = ReactionsOf<'inventory', string>;
const reserve = () => 'reserve';

describe('the saga table', () => {
  it('refuses at compile time a service that lacks a reaction', () => {
    // @ts-expect-error OrderCancelled has no reaction
    ({ OrderPlaced: reserve, OrderConfirmed: reserve }) satisfies Reactions;
    expect(consumedBy('inventory')).toContain('OrderCancelled');
  });

  it('refuses at compile time a reaction to an event that the service does not consume', () => {
    ({
      OrderPlaced: reserve,
      OrderConfirmed: reserve,
      OrderCancelled: reserve,
      // @ts-expect-error inventory does not consume PaymentCaptured
      PaymentCaptured: reserve,
    }) satisfies Reactions;
    expect(consumedBy('inventory')).not.toContain('PaymentCaptured');
  });

  it('refuses at compile time an event that another service owns', () => {
    // @ts-expect-error only payments publishes PaymentVoided
    ({ type: 'PaymentVoided', data: {} }) satisfies Published<'orders'>;
    expect(
      orderSaga.filter((step) => step.at === 'orders').flatMap((step) => step.publishes as readonly EventType[]),
    ).not.toContain('PaymentVoided');
  });

  it('subscribes a service to each event of a join, once', () => {
    expect(consumedBy('payments')).toEqual(['OrderPlaced', 'StockReserved', 'OrderCancelled']);
  });

  it('has a publisher for every event, and that is its owner', () => {
    for (const step of orderSaga) for (const type of step.publishes) expect(eventSchemas[type].owner).toBe(step.at);
    const published = new Set(orderSaga.flatMap((step) => step.publishes as readonly EventType[]));
    expect([...published].sort()).toEqual(Object.keys(eventSchemas).sort());
  });

  it('gives every event a topic that exists', () => {
    for (const type of Object.keys(eventSchemas) as EventType[]) expect(topics).toHaveProperty([topicOf(type)]);
  });
});
