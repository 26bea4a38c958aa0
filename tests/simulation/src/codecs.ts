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

/** Records that a service cannot read for so many attempts, as when the registry does not know a schema yet. */
export type Undecodable = Map<string, number>;

export const placeOf = (service: Service, { topic, partition, offset }: RawRecord): string =>
  `${service} ${topic}/${partition}/${offset}`;

/** The real bytes, but for those that are made undecodable. */
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
      throw new BadRecord('unknown_schema', 'not known yet');
    },
  };
}
