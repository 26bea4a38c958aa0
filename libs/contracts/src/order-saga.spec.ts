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
  it('refuses at compile time a service that forgets to react', () => {
    // @ts-expect-error OrderCancelled has no reaction
    ({ OrderPlaced: reserve, OrderConfirmed: reserve }) satisfies Reactions;
    expect(consumedBy('inventory')).toContain('OrderCancelled');
  });

  it('refuses at compile time a reaction to what the service does not hear', () => {
    ({
      OrderPlaced: reserve,
      OrderConfirmed: reserve,
      OrderCancelled: reserve,
      // @ts-expect-error inventory does not hear PaymentCaptured
      PaymentCaptured: reserve,
    }) satisfies Reactions;
    expect(consumedBy('inventory')).not.toContain('PaymentCaptured');
  });

  it('refuses at compile time that a service publishes what is not its own', () => {
    // @ts-expect-error only payments publishes PaymentVoided
    ({ type: 'PaymentVoided', data: {} }) satisfies Published<'orders'>;
    expect(
      orderSaga.filter((step) => step.at === 'orders').flatMap((step) => step.publishes as readonly EventType[]),
    ).not.toContain('PaymentVoided');
  });

  it('lets each service say only its own events, and every event is said by somebody', () => {
    for (const step of orderSaga) for (const type of step.publishes) expect(eventSchemas[type].owner).toBe(step.at);
    const said = new Set(orderSaga.flatMap((step) => step.publishes as readonly EventType[]));
    expect([...said].sort()).toEqual(Object.keys(eventSchemas).sort());
  });

  it('gives every event a topic that exists', () => {
    for (const type of Object.keys(eventSchemas) as EventType[]) expect(topics).toHaveProperty([topicOf(type)]);
  });
});
