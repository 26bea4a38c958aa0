import { describe, expect, it } from '@jest/globals';
import { allTypes, sampleEvent } from '../../test/samples.js';
import { BadRecord } from '../errors.js';
import { fromCloudEvent, toCloudEvent } from './cloud-event.js';

const reasonOf = (doc: unknown): unknown => {
  try {
    return fromCloudEvent(doc);
  } catch (error) {
    return error instanceof BadRecord ? error.reason : error;
  }
};

describe('the CloudEvents document of an event', () => {
  it.each(allTypes)('%s comes back from it as it was', (type) => {
    const event = sampleEvent(type, { sequence: 12 });
    const text = JSON.stringify(toCloudEvent(event));
    expect(JSON.parse(JSON.stringify(fromCloudEvent(JSON.parse(text))))).toEqual(event);
  });

  it('has only attribute names that the specification allows', () => {
    expect(Object.keys(toCloudEvent(sampleEvent('OrderPlaced'))).filter((name) => !/^[a-z0-9]+$/.test(name))).toEqual(
      [],
    );
  });

  it('may carry attributes and fields that we do not know; they are left out', () => {
    const event = sampleEvent('OrderConfirmed');
    const doc = { ...toCloudEvent(event), traceparent: 'x', data: { ...event.data, more: 1 } };
    expect(JSON.parse(JSON.stringify(fromCloudEvent(doc)))).toEqual(event);
  });

  it.each([
    ['not_a_cloud_event', null],
    ['not_a_cloud_event', { ...toCloudEvent(sampleEvent('OrderPlaced')), specversion: '0.3' }],
    ['unknown_type', { ...toCloudEvent(sampleEvent('OrderPlaced')), type: 'constructor' }],
    ['invalid_sequence', { ...toCloudEvent(sampleEvent('OrderPlaced')), sequence: 'first' }],
    ['invalid_time', { ...toCloudEvent(sampleEvent('OrderPlaced')), time: 'now' }],
    ['undecodable', { ...toCloudEvent(sampleEvent('OrderPlaced')), data: {} }],
    ['undecodable', { ...toCloudEvent(sampleEvent('OrderPlaced')), id: 5 }],
  ])('is refused as %s', (reason, doc) => {
    expect(reasonOf(doc)).toBe(reason);
  });
});
