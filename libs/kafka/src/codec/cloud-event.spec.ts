import { describe, expect, it } from '@jest/globals';
import { anEvent } from '@orderflow/testing';
import { allTypes } from '../../test/samples.js';
import { toCloudEvent } from './cloud-event.js';

describe('the CloudEvents document of an event', () => {
  it.each(allTypes)('holds every attribute and all data of %s', (type) => {
    const event = anEvent(type, { sequence: 12 });
    const { correlationId, causationId, schemaVersion, ...same } = event;
    expect(JSON.parse(JSON.stringify(toCloudEvent(event)))).toEqual({
      ...same,
      specversion: '1.0',
      datacontenttype: 'application/json',
      correlationid: correlationId,
      causationid: causationId,
      sequence: '0000000012',
      schemaversion: schemaVersion,
    });
  });

  it('has only attribute names that the specification allows', () => {
    expect(Object.keys(toCloudEvent(anEvent('OrderPlaced'))).filter((name) => !/^[a-z0-9]+$/.test(name))).toEqual([]);
  });
});
