import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from '@jest/globals';
import { anEvent } from '@orderflow/testing';
import type { ServiceDefinition } from '../src/index.js';
import { DecidedFirst } from '../src/recovery/decided-first.js';
import { aContext, counting, type CounterTypes, eventOf, kinds } from './counters.js';
import { CountersDatabase } from './counters-database.js';

const counters = new CountersDatabase();
let subject: string;

beforeEach(() => {
  subject = randomUUID();
});

const reserved = () => ({
  event: anEvent('StockReserved', { subject }),
  trace: { traceparent: aContext().traceparent },
});

/** A service that calls another company once for each `StockReserved`. */
function decidedFirst() {
  const { dependencies, commands } = counters.instance();
  const call = { key: `charge-${subject}`, kind: 'charge', subject, request: {} };
  const definition = {
    ...counting(),
    reactions: { StockReserved: () => ({ subject, by: 1, from: 0, effects: [{ call }] }) },
    takeBack: { decidedFirst: ['StockReserved'] },
  } as unknown as ServiceDefinition<CounterTypes>;
  return { first: new DecidedFirst(definition, dependencies), commands, definition };
}

it('an event that is decided first leads to its call, and not to a second one', async () => {
  const { first } = decidedFirst();
  await first.decide([]);
  await first.decide([reserved(), reserved()]);
  await first.decide([reserved()]);
  expect([await counters.valueOf(subject), await counters.pendingCallsOf(subject)]).toEqual([1, [`charge-${subject}`]]);
});

it('an event that is decided first is left to be consumed afterwards, which changes nothing more', async () => {
  const { first, commands, definition } = decidedFirst();
  const traced = reserved();
  await first.decide([traced]);
  expect([await counters.inboxHas(traced.event.id), await counters.count('consumed_offsets')]).toEqual([false, 0]);
  const command = definition.reactions.StockReserved!(traced.event);
  expect(kinds([await commands.submit(eventOf(command, { context: aContext(traced.event.id) }))])).toEqual(['done']);
  expect([await counters.valueOf(subject), await counters.inboxHas(traced.event.id)]).toEqual([1, true]);
});
