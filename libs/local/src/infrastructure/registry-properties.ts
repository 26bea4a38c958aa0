import type { KafkaAcl } from '@orderflow/contracts';
import type { KafkaSecurity } from '@orderflow/kafka';
import { protocolOf, javaLogin } from './java-login.js';

/** The topics and groups of Apicurio's storage in Kafka: what its user may do there. */
export const registryAcls: readonly KafkaAcl[] = [
  ...['kafkasql-journal', 'kafkasql-snapshots', 'registry-events'].flatMap((name) =>
    ['create', 'read', 'write', 'describe_configs'].map((operation) => ({
      principal: 'registry',
      operation,
      resource: 'topic',
      match: 'literal',
      name,
    })),
  ),
  // A new group at each start.
  { principal: 'registry', operation: 'read', resource: 'group', match: 'prefixed', name: 'apicurio-' },
];

/** Settings by which each Kafka client of the registry logs in, as a properties file. */
export function registryProperties(security: KafkaSecurity): string {
  const { tls, sasl } = security;
  const values = {
    'security.protocol': protocolOf(security),
    ...(tls?.ca !== undefined && { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': tls.ca }),
    ...(sasl && { 'sasl.mechanism': sasl.mechanism.toUpperCase(), 'sasl.jaas.config': javaLogin(sasl) }),
  };
  return Object.entries(values)
    .map(([name, value]) => `apicurio.kafka.common.${name}=${escaped(value)}\n`)
    .join('');
}

/** A value is first read as a properties file, and then for `${...}`. */
const escaped = (value: string): string =>
  value
    .replaceAll('$', String.raw`\$`)
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`);
