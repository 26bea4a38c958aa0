import { describe, expect, it } from '@jest/globals';
import type { Event } from '@orderflow/contracts';
import type { Delivery } from '@orderflow/kafka';
import { anEvent } from '@orderflow/testing';
import { aRecord } from '../../test/counters.js';
import { TransientError } from '../base/failures.js';
import { EventHandler } from './event-handler.js';
import type { Incoming, Outcome } from '../definition/service.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function listening(outcome: (incoming: Incoming<string>) => Outcome<null> = () => ({ kind: 'done', state: null })) {
  const submitted: Incoming<string>[] = [];
  const warned: object[] = [];
  const told: { fields: object; message: string }[] = [];
  const eventHandler = new EventHandler<null, string>(
    'inventory',
    {
      OrderPlaced: ({ subject }: Event) => `place ${subject}`,
      OrderCancelled: () => {
        throw new Error('a mistake of ours');
      },
    },
    async (incoming) => {
      submitted.push(incoming);
      return outcome(incoming);
    },
    {
      debug: () => undefined,
      info: (fields, message) => void told.push({ fields, message }),
      warn: (fields) => void warned.push(fields),
    },
  );
  return { eventHandler, submitted, warned, told };
}

const delivered = (event: Event): Delivery => ({ record: aRecord(), event, traceparent });
const bad = (over: Parameters<typeof aRecord>[0]): Delivery => ({
  record: aRecord(over),
  bad: 'not_framed',
  detail: 'x',
});

describe('a eventHandler', () => {
  it('makes of each event the command that its reaction says, in the trace of the event', async () => {
    const { eventHandler, submitted } = listening();
    const event = anEvent('OrderPlaced');
    expect(await eventHandler.deliver([delivered(event)])).toEqual([{ kind: 'done', state: null }]);
    expect(submitted).toMatchObject([
      {
        kind: 'event',
        command: `place ${event.subject}`,
        subject: event.subject,
        context: { id: event.id, correlationId: event.correlationId, traceparent },
      },
    ]);
  });

  it('says one line for each event, with its order and its trace', async () => {
    const { eventHandler, told } = listening();
    const event = anEvent('OrderPlaced');
    await eventHandler.deliver([delivered(event)]);
    const [, traceId] = traceparent.split('-');
    const fields = { eventId: event.id, orderId: event.subject, type: 'OrderPlaced', group: 'inventory', traceId };
    expect(told).toEqual([{ fields: expect.objectContaining(fields), message: 'done' }]);
  });

  it('hands over all of a fetch at once, in order', async () => {
    const events = [anEvent('OrderPlaced'), anEvent('OrderPlaced'), anEvent('OrderPlaced')];
    const { eventHandler, submitted } = listening();
    const done = eventHandler.deliver(events.map(delivered));
    expect(submitted.map((incoming) => incoming.kind === 'event' && incoming.context.id)).toEqual(
      events.map(({ id }) => id),
    );
    await done;
  });

  it('takes an event for unreadable when its reaction throws or is missing', async () => {
    const { eventHandler, submitted } = listening();
    const events = [anEvent('OrderCancelled'), anEvent('PaymentVoided')];
    await eventHandler.deliver(events.map(delivered));
    expect(submitted).toMatchObject([
      { kind: 'undecodable', subject: events[0]!.subject, reason: 'no reaction: Error: a mistake of ours' },
      { kind: 'undecodable', subject: events[1]!.subject, reason: expect.stringMatching('no reaction: TypeError') },
    ]);
  });

  it('hands over what cannot be read with the reason, in the queue of its key as far as that is text', async () => {
    const { eventHandler, submitted } = listening();
    await eventHandler.deliver([bad({ key: Buffer.from('a\0b') }), bad({ key: null })]);
    expect(submitted).toMatchObject([
      { kind: 'undecodable', subject: 'a?b', reason: 'not_framed: x' },
      { kind: 'undecodable', subject: '' },
    ]);
  });

  it('says which parked row it is when it is another try', async () => {
    const { eventHandler, submitted } = listening();
    await eventHandler.deliver([delivered(anEvent('OrderPlaced')), bad({})], '7');
    expect(submitted).toMatchObject([{ parkedId: '7' }, { parkedId: '7' }]);
  });

  it('rejects when one of them could not be committed, after all of them have their outcome', async () => {
    const events = [anEvent('OrderPlaced'), anEvent('OrderPlaced')];
    const { eventHandler, submitted } = listening(({ kind }) => {
      if (kind === 'event' && submitted.length === 1) throw new TransientError('away');
      return { kind: 'duplicate' };
    });
    await expect(eventHandler.deliver(events.map(delivered))).rejects.toBeInstanceOf(TransientError);
    expect(submitted).toHaveLength(2);
  });

  it('tells of what it parked: where it lies, which order and why', async () => {
    const { eventHandler, warned } = listening(() => ({ kind: 'parked', why: 'refused', reason: 'below zero' }));
    const event = anEvent('OrderPlaced');
    const delivery = delivered(event);
    await eventHandler.deliver([delivery]);
    const { topic, partition, offset } = delivery.record;
    expect(warned).toMatchObject([
      { topic, partition, offset, orderId: event.subject, eventId: event.id, reason: 'below zero' },
    ]);
  });
});
