import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isBlocked, labelWidth, type LaneEvent, type LaneGhost, layoutOf } from './layout.js';
import { causeRoute, needRoute, undoRoute } from './route.js';

const services = ['orders', 'inventory', 'payments', 'notifications'];
const start = Date.parse('2026-11-24T14:02:11.140Z');
const event = (type: string, source: string, after: number): LaneEvent => ({
  id: `${type} ${after}`,
  type,
  source,
  at: start + after,
});

const declined = [
  event('OrderPlaced', 'orders', 0),
  event('StockReserved', 'inventory', 9),
  event('PaymentDeclined', 'payments', 36),
  event('OrderCancelled', 'orders', 45),
  event('StockReleased', 'inventory', 54),
  event('NotificationSent', 'notifications', 61),
];
const owed: LaneGhost = {
  service: 'payments',
  oneOf: ['PaymentCaptured', 'PaymentDeclined'],
  because: ['OrderPlaced 0', 'StockReserved 9'],
};

const anEvent = fc.record({
  type: fc.constantFrom('OrderPlaced', 'StockReserved', 'PaymentCaptured', 'NotificationSent', 'Shipped'),
  source: fc.constantFrom(...services, 'shipping'),
  gap: fc.integer({ min: 0, max: 90_000 }),
});
const someEvents = fc.array(anEvent, { minLength: 1, maxLength: 30 }).map((steps) => {
  let at = start;
  return steps.map(({ type, source, gap }, index): LaneEvent => ({ id: String(index), type, source, at: (at += gap) }));
});

describe('the lanes of an order', () => {
  it('have each event in the lane of its service, from left to right', () => {
    const { nodes, lanes } = layoutOf(declined, services, [], 6, 1000);
    expect(lanes.map(({ name }) => name)).toEqual(services);
    const places = declined.map(({ id }) => nodes.get(id)!);
    expect(places.map(({ y }) => lanes.findIndex((lane) => lane.y === y))).toEqual([0, 1, 2, 0, 1, 3]);
    expect(places.map(({ x }) => x)).toEqual(places.map(({ x }) => x).toSorted((a, b) => a - b));
  });

  it('never let two names of a lane overlap, nor a name leave the picture, for any events and any width', () => {
    fc.assert(
      fc.property(someEvents, fc.integer({ min: 0, max: 3000 }), (events, width) => {
        const { nodes, width: whole, height, lanes } = layoutOf(events, services, [], events.length, width);
        for (const { name } of lanes) {
          const inLane = events.filter(({ source }) => source === name);
          inLane.slice(1).forEach(({ id }, index) => {
            const before = inLane[index]!;
            expect(nodes.get(id)!.x).toBeGreaterThan(nodes.get(before.id)!.x + labelWidth(before.type));
          });
        }
        for (const { id, type } of events) {
          expect(nodes.get(id)!.x + labelWidth(type)).toBeLessThanOrEqual(whole);
          expect(nodes.get(id)!.y).toBeLessThan(height);
        }
      }),
    );
  });

  it('stay where they are while the slider moves', () => {
    const now = layoutOf(declined, services, [], 6, 1000);
    const then = layoutOf(declined, services, [owed], 2, 1000);
    expect([...then.nodes]).toEqual([...now.nodes]);
  });

  it('get a lane for a service that is not in the saga table', () => {
    const { lanes } = layoutOf([event('Shipped', 'shipping', 0)], services, [], 1, 1000);
    expect(lanes.at(-1)?.name).toBe('shipping');
  });

  it('show what is owed after what is known, in the lane of the one that owes it', () => {
    const { ghosts, nodes, lanes } = layoutOf(declined.slice(0, 2), services, [owed], 2, 1000);
    const reserved = nodes.get('StockReserved 9')!;
    expect(ghosts).toMatchObject([{ ghost: owed, y: lanes[2]!.y, from: reserved }]);
    expect(ghosts[0]!.x).toBeGreaterThan(reserved.x);
  });

  it('have one stop for all events of one instant, and a mark where nothing happened for a second', () => {
    const events = [event('OrderPlaced', 'orders', 0), event('StockReserved', 'inventory', 0)];
    const late = event('OrderCancelled', 'orders', 10_000);
    const { stops, pauses } = layoutOf([...events, late], services, [], 3, 1000);
    expect(stops.map(({ at }) => at - start)).toEqual([0, 10_000]);
    expect(pauses.map(({ ms }) => ms)).toEqual([10_000]);
  });

  it('need no more room for a day than for some seconds more', () => {
    const distance = (ms: number): number => {
      const events = [event('OrderPlaced', 'orders', 0), event('OrderCancelled', 'orders', ms)];
      return layoutOf(events, services, [], 2, 0).nodes.get(events[1]!.id)!.x;
    };
    expect(distance(86_400_000)).toBeLessThan(2 * distance(10_000));
  });
});

describe('an arrow', () => {
  const from = { x: 30, y: 80 };
  const to = { x: 200, y: 240 };

  it('leaves its cause downwards, and arrives at its effect from the left', () => {
    expect(causeRoute(from, to)).toBe('M30 89 V230 Q30 240 40 240 H190');
  });

  it('that another event needed as well runs beside it', () => {
    expect(needRoute(from, to)).toBe('M35 88 V236 Q35 246 45 246 H190');
  });

  it('passes above the names where another event stands between', () => {
    const nodes = [{ id: 'a', x: 120, y: 240 }];
    expect(isBlocked(nodes, from, to)).toBe(true);
    expect(isBlocked(nodes, { x: 130, y: 80 }, to)).toBe(false);
    expect(causeRoute(from, to, true)).toBe('M30 89 V211 Q30 221 40 221 H190 Q200 221 200 231 V230');
  });

  it('of a compensation goes back below its lane', () => {
    expect(undoRoute({ x: 200, y: 80 }, { x: 30, y: 80 })).toBe('M195 88 V109 Q195 119 185 119 H35 Q25 119 25 109 V89');
  });
});
