import { expect, it } from '@jest/globals';
import type { OutgoingRecord } from '@orderflow/kafka';
import { aContext, jsonCodec } from '../../test/counters.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { RecordedEvent } from '../transaction/incoming.js';
import { appendKept } from './append-kept.js';
import { keptOf } from './kept-events.js';

const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'vendor=1' };

it('an event that is published again continues its trace, with what other vendors added to it', async () => {
  const context = { ...aContext(), ...trace };
  const published = { publish: { type: 'PaymentVoided', data: {} }, subject: 'order', sequence: 1 };
  const events = keptOf([{ id: 'event', context, published } as unknown as RecordedEvent]).get('order')!;
  const appended: OutgoingRecord[] = [];
  const outbox = {
    append: async (_tx: unknown, records: readonly OutgoingRecord[]) => void appended.push(...records),
    published: async () => undefined,
  };
  const dependencies = { store: { outbox }, codec: jsonCodec, settings: { topicPrefix: '' } };
  // Kept as JSON.
  const kept = JSON.parse(JSON.stringify(events));
  await appendKept(
    undefined,
    [{ subject: 'order', events: kept, unkept: 0 }],
    'payments',
    dependencies as unknown as Dependencies<undefined>,
  );
  expect(appended).toMatchObject([{ key: 'order', headers: { ce_id: 'event', ...trace } }]);
});
