import { describe, expect, it } from '@jest/globals';
import { catalog, type Registered } from '@orderflow/console-api';
import { eventSchemas } from '@orderflow/contracts';
import { eventTypes } from '../flow/graph.js';
import { type LastEvent, shownCatalog, type Sightings } from './catalog.js';

const sightingsOf = (last: readonly LastEvent[], registry: Registered[] = []): Sightings => ({
  lastEvents: async () => last,
  registered: async () => ({ state: 'known', at: '2026-11-24T14:00:00.000Z', value: registry }),
});
const { events } = await shownCatalog(sightingsOf([]), undefined);
const eventOf = (name: string) => events.find(({ type }) => type === name)!;

describe('the catalog', () => {
  it('has every event once, with the version that is published as its last', () => {
    expect(events.map(({ type }) => type)).toEqual(eventTypes);
    for (const { type, versions } of events)
      expect(versions.at(-1)).toMatchObject({
        version: eventSchemas[type as keyof typeof eventSchemas].version,
        schema: eventSchemas[type as keyof typeof eventSchemas].schema,
      });
    expect(eventOf('OrderPlaced').versions.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0', '1.2.0']);
  });

  it('says who publishes and who consumes an event, on which topic and by which key', () => {
    expect(eventOf('OrderPlaced')).toMatchObject({
      owner: 'orders',
      consumers: ['inventory', 'payments'],
      topic: 'orders.events',
      key: 'order',
    });
    expect(eventOf('ProductChanged')).toMatchObject({
      consumers: ['orders'],
      topic: 'inventory.products',
      key: 'product',
    });
    expect(eventOf('NotificationSent').consumers).toEqual([]);
  });

  it('says what an event is published because of, and what it leads to', () => {
    expect(eventOf('OrderPlaced').because).toEqual([
      { at: 'orders', on: [], trigger: 'POST /orders', publishes: ['OrderPlaced'] },
    ]);
    expect(eventOf('OrderPlaced').leadsTo).toContainEqual({
      at: 'payments',
      on: ['OrderPlaced', 'StockReserved'],
      trigger: null,
      publishes: ['PaymentCaptured', 'PaymentDeclined'],
    });
    expect(eventOf('ProductChanged').leadsTo).toEqual([]);
  });

  it('tells the events of the saga from the others, and those that compensate', () => {
    expect(events.filter(({ isInSaga }) => !isInSaga).map(({ type }) => type)).toEqual(['ProductChanged']);
    expect(eventOf('StockReleased').undoes).toEqual(['StockReserved']);
    expect(eventOf('PaymentRefunded').undoes).toEqual(['PaymentCaptured']);
    expect(eventOf('PaymentCaptured').undoneBy).toEqual(['PaymentRefunded', 'PaymentVoided']);
    expect(eventOf('OrderCancelled').undoes).toEqual([]);
  });

  it('has for each version the newest event of the journal, where there is one', async () => {
    const at = new Date('2026-11-24T14:00:00.000Z');
    const last = [{ type: 'OrderPlaced', version: '1.1.0', eventId: 'e-1', at }];
    const shown = catalog.parse(await shownCatalog(sightingsOf(last), undefined));
    expect(shown.events.find(({ type }) => type === 'OrderPlaced')!.versions.map((it) => it.last)).toEqual([
      null,
      { at: at.toISOString(), eventId: 'e-1' },
      null,
    ]);
  });

  it('asks the registry for nothing about the past', async () => {
    const shown = await shownCatalog(sightingsOf([]), new Date());
    expect(shown.registry).toEqual({ state: 'not_kept' });
  });
});
