import { describe, expect, it } from '@jest/globals';
import { eventsOf, late, storyOf, waiting } from '../../../test/fixtures/stories.js';
import { changesBy, inOrderOfTheLog, instantsOf, momentOf } from './moment.js';

const events = inOrderOfTheLog(eventsOf(late));

describe('the moment of an order', () => {
  it('is what the server says of it now', () => {
    const { sentence, edges, owed } = momentOf(events, undefined);
    expect({ sentence, edges, owed }).toEqual({
      sentence: storyOf(late).order.sentence,
      edges: storyOf(late).edges,
      owed: [],
    });
  });

  it('is at each of its instants the fold of the events that the log contained', () => {
    const seen = instantsOf(events).map((at) => {
      const { view, events: known, settled } = momentOf(events, at);
      return [known.length, view.status, view.stock, view.payment, view.sequences.notifications, settled];
    });
    expect(seen).toEqual([
      [1, 'placed', 'pending', 'pending', 0, false],
      [2, 'placed', 'reserved', 'pending', 0, false],
      [3, 'cancelled', 'reserved', 'pending', 0, false],
      [4, 'cancelled', 'released', 'pending', 0, false],
      [5, 'cancelled', 'released', 'pending', 1, false],
      [6, 'cancelled', 'released', 'captured', 1, false],
      [7, 'cancelled', 'released', 'refunded', 1, false],
      [8, 'cancelled', 'released', 'refunded', 2, true],
    ]);
  });

  it('is empty before the order existed', () => {
    expect(momentOf(events, '2026-11-24T14:01:40.899Z').events).toEqual([]);
  });

  it('names what is owed, and by whom', () => {
    const { owed } = momentOf(eventsOf(waiting), undefined);
    expect(owed).toMatchObject([{ service: 'payments', oneOf: ['PaymentCaptured', 'PaymentDeclined'] }]);
  });

  it('says what one event changed', () => {
    expect(changesBy(events[6]!, events)).toEqual([{ field: 'payment', from: 'captured', to: 'refunded' }]);
  });
});
