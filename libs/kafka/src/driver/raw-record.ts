import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { Omitted, RawRecord } from '../broker.js';

/** The headers that are read. Any other header would cost memory and be parked and published along. */
export const KNOWN: readonly string[] = [
  'ce_id',
  'ce_source',
  'ce_specversion',
  'ce_type',
  'content-type',
  'traceparent',
  'tracestate',
];
const MAX_HEADER_BYTES = 256;
// https://www.w3.org/TR/trace-context/#tracestate-limits
const MAX_TRACESTATE_BYTES = 512;

/** A kafkajs message as a record. */
export const rawRecordOf = (
  topic: string,
  partition: number,
  message: KafkaMessage & { omitted?: Omitted | undefined },
): RawRecord => ({
  topic,
  partition,
  offset: message.offset,
  timestamp: new Date(Number(message.timestamp)),
  key: message.key,
  value: message.value,
  headers: knownHeaders(message.headers),
  ...(message.omitted && { omitted: message.omitted }),
});

/** Known headers only. A value above 256 bytes (512 of `tracestate`), or a name given twice, counts as absent. */
export function knownHeaders(headers: IHeaders | undefined): Record<string, Buffer> {
  const known: Record<string, Buffer> = {};
  for (const name of KNOWN) {
    const value = headers?.[name];
    const most = name === 'tracestate' ? MAX_TRACESTATE_BYTES : MAX_HEADER_BYTES;
    if (Buffer.isBuffer(value) && value.length <= most) known[name] = value;
  }
  return known;
}
