import { type Event, type Service, services } from '@orderflow/contracts';
import { BadRecord, EventCodec, type RawRecord } from '@orderflow/kafka';
import { MemoryRegistry } from '../../../libs/kafka/test/memory-registry.js';

const registry = new MemoryRegistry();
const codecs = new Map(
  await Promise.all(
    services.map(
      async (service) => [service, await EventCodec.start({ registry, service, autoRegister: true })] as const,
    ),
  ),
);

/** By place: the number of attempts that fail to decode, as while the registry lacks a schema. */
export type Undecodable = Map<string, number>;

export const placeOf = (service: Service, { topic, partition, offset }: RawRecord): string =>
  `${service} ${topic}/${partition}/${offset}`;

/** The codec of the product. It fails for records that a fault made undecodable. */
export function codecOf(
  service: Service,
  undecodable: Undecodable,
  encoded: (event: Event) => void,
): Pick<EventCodec, 'encode' | 'decode'> {
  const codec = codecs.get(service)!;
  return {
    encode(event) {
      encoded(event);
      return codec.encode(event);
    },
    decode(record, prefix) {
      const place = placeOf(service, record);
      const left = undecodable.get(place) ?? 0;
      if (left === 0) return codec.decode(record, prefix);
      undecodable.set(place, left - 1);
      throw new BadRecord('unknown_schema', 'schema not registered yet');
    },
  };
}
