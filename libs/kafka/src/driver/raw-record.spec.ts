import { describe, expect, it } from '@jest/globals';
import { knownHeaders } from './raw-record.js';

describe('the headers of a record', () => {
  it('are kept when their names are known', () => {
    const ce_id = Buffer.from('1');
    expect(knownHeaders({ ce_id, other: Buffer.from('2'), kafka_replyTopic: Buffer.from('evil') })).toEqual({ ce_id });
  });

  it('count as absent when too long or given twice', () => {
    expect(
      knownHeaders({
        ce_id: Buffer.alloc(257),
        ce_type: [Buffer.from('a'), Buffer.from('b')],
        traceparent: Buffer.alloc(256),
        tracestate: Buffer.alloc(512),
      }),
    ).toEqual({ traceparent: Buffer.alloc(256), tracestate: Buffer.alloc(512) });
    expect(knownHeaders({ tracestate: Buffer.alloc(513) })).toEqual({});
    expect(knownHeaders(undefined)).toEqual({});
  });
});
