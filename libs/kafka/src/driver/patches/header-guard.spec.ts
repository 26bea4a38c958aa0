import { beforeAll, describe, expect, it } from '@jest/globals';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeRecord from 'kafkajs/src/protocol/recordBatch/record/v0/decoder.js';
import { guardHeaders } from './header-guard.js';
import { knownHeaders } from '../raw-record.js';

beforeAll(() => guardHeaders());

/** https://protobuf.dev/programming-guides/encoding/#signed-ints */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
const text = (value: string) => Buffer.concat([varint(value.length), Buffer.from(value)]);
const NONE = 1;

/** A record without key and value. https://kafka.apache.org/documentation/#record */
function headersOf(...headers: [name: string, value: string][]) {
  const bytes = headers.map(([name, value]) => Buffer.concat([text(name), text(value)]));
  const record = Buffer.concat([Buffer.from([0, 0, 0, NONE, NONE]), varint(headers.length), ...bytes]);
  return knownHeaders(decodeRecord(new Decoder(record), { firstOffset: '0', firstTimestamp: '0' }).headers);
}

describe('the guard of kafkajs’ headers', () => {
  it('keeps the known ones', () => {
    expect(headersOf(['ce_id', '1'], ['x', '2'], ['ce_type', '3'])).toEqual({
      ce_id: Buffer.from('1'),
      ce_type: Buffer.from('3'),
    });
  });

  it('shows that a header was given twice or more often', () => {
    expect(headersOf(['ce_id', '1'], ['ce_id', '1'], ['ce_type', '2'])).toEqual({ ce_type: Buffer.from('2') });
    expect(headersOf(['ce_id', '1'], ['ce_id', '1'], ['ce_id', '1'])).toEqual({});
  });

  it('reads a record with 5,000 headers in linear time', () => {
    const many = Array.from({ length: 5_000 }, (_, i): [string, string] => [`x-${i}`, '']);
    const before = process.cpuUsage();
    expect(headersOf(...many, ['ce_id', '1'])).toEqual({ ce_id: Buffer.from('1') });
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1_000);
  });
});
