import { describe, expect, it } from '@jest/globals';
import type { Event } from '@orderflow/contracts';
import type { ServiceTypes } from '@orderflow/decider';
import type { Delivery } from '@orderflow/kafka';
import { anEvent } from '@orderflow/testing';
import { aRecord, jsonCodec, quietLog } from '../../test/counters.js';
import { systemClock } from '../base/clock.js';
import { TransientError } from '../base/failures.js';
import type { Log } from '../base/log.js';
import type { ConsumerDefinition } from '../definition/service-definition.js';
import type { Incoming, Outcome } from '../transaction/incoming.js';
import { EventHandler } from './event-handler.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

type Types = ServiceTypes<'inventory', null, string>;

const done = { kind: 'done', state: null, events: 0 } as const;

function handlerWith(outcome: (incoming: Incoming<string>) => Outcome<null> = () => done) {
  const submitted: Incoming<string>[] = [];
  const warned: object[] = [];
  const logged: { fields: object; message: string }[] = [];
  const reactions: ConsumerDefinition<Types>['reactions'] = {
    OrderPlaced: ({ subject }) => `place ${subject}`,
    OrderCancelled: () => {
      throw new Error('a bug');
    },
  };
  const log: Log = {
    ...quietLog,
    info: (fields, message) => void logged.push({ fields, message }),
    warn: (fields) => void warned.push(fields),
  };
  const submit = async (incoming: Incoming<string>) => {
    submitted.push(incoming);
    return outcome(incoming);
  };
  const dependencies = { codec: jsonCodec, clock: systemClock, log, settings: { topicPrefix: '', outboxPollMs: 0 } };
  const probe = async () => undefined;
  const eventHandler = new EventHandler<Types>({ consumer: 'inventory', reactions }, { submit }, dependencies, probe);
  return { eventHandler, submitted, warned, logged };
}

const delivered = (event: Event): Delivery => ({ record: aRecord(), event, trace: { traceparent } });
const bad = (over: Parameters<typeof aRecord>[0]): Delivery => ({
  record: aRecord(over),
  bad: 'not_framed',
  detail: 'x',
});

describe('an event handler', () => {
  it('turns each event into the command of its reaction, in the trace of the event', async () => {
    const { eventHandler, submitted } = handlerWith();
    const event = anEvent('OrderPlaced');
    expect(await eventHandler.deliver([delivered(event)])).toEqual([done]);
    expect(submitted).toMatchObject([
      {
        kind: 'event',
        command: `place ${event.subject}`,
        subject: event.subject,
        context: { id: event.id, correlationId: event.correlationId, traceparent },
      },
    ]);
  });

  it('logs one line for each event, with its order and its trace', async () => {
    const { eventHandler, logged } = handlerWith();
    const event = anEvent('OrderPlaced');
    await eventHandler.deliver([delivered(event)]);
    const [, traceId] = traceparent.split('-');
    const fields = { eventId: event.id, orderId: event.subject, type: 'OrderPlaced', group: 'inventory', traceId };
    expect(logged).toEqual([{ fields: expect.objectContaining(fields), message: 'done' }]);
  });

  it('submits all deliveries of a fetch at once, in order', async () => {
    const events = [anEvent('OrderPlaced'), anEvent('OrderPlaced'), anEvent('OrderPlaced')];
    const { eventHandler, submitted } = handlerWith();
    const done = eventHandler.deliver(events.map(delivered));
    expect(submitted.map((incoming) => incoming.kind === 'event' && incoming.context.id)).toEqual(
      events.map(({ id }) => id),
    );
    await done;
  });

  it('refuses an event whose reaction throws or is missing', async () => {
    const { eventHandler, submitted } = handlerWith();
    const events = [anEvent('OrderCancelled'), anEvent('PaymentVoided')];
    await eventHandler.deliver(events.map(delivered));
    expect(submitted).toMatchObject([
      { kind: 'undecodable', subject: events[0]!.subject, reason: 'no reaction: Error: a bug' },
      { kind: 'undecodable', subject: events[1]!.subject, reason: expect.stringMatching('no reaction: TypeError') },
    ]);
  });

  // proves: a record without a key holds up no other one
  it('submits an undecodable record with the reason, under the printable characters of its key', async () => {
    const { eventHandler, submitted } = handlerWith();
    await eventHandler.deliver([bad({ key: Buffer.from('a\0b') }), bad({ key: null })]);
    expect(submitted).toMatchObject([
      { kind: 'undecodable', subject: 'a?b', reason: 'not_framed: x' },
      { kind: 'undecodable', subject: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
  });

  it('names the parked row of a retry', async () => {
    const { eventHandler, submitted } = handlerWith();
    await eventHandler.deliver([delivered(anEvent('OrderPlaced')), bad({})], '7');
    expect(submitted).toMatchObject([{ parkedId: '7' }, { parkedId: '7' }]);
  });

  it('rejects when one delivery could not be committed, after all have settled', async () => {
    const events = [anEvent('OrderPlaced'), anEvent('OrderPlaced')];
    const { eventHandler, submitted } = handlerWith(({ kind }) => {
      if (kind === 'event' && submitted.length === 1) throw new TransientError('away');
      return { kind: 'duplicate' };
    });
    await expect(eventHandler.deliver(events.map(delivered))).rejects.toBeInstanceOf(TransientError);
    expect(submitted).toHaveLength(2);
  });

  it('logs a parked record with its position, its order and the reason', async () => {
    const { eventHandler, warned } = handlerWith(() => ({ kind: 'parked', why: 'refused', reason: 'below zero' }));
    const event = anEvent('OrderPlaced');
    const delivery = delivered(event);
    await eventHandler.deliver([delivery]);
    const { topic, partition, offset } = delivery.record;
    expect(warned).toMatchObject([
      { topic, partition, offset, orderId: event.subject, eventId: event.id, reason: 'below zero' },
    ]);
  });
});
