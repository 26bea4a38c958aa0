import { describe, expect, it } from '@jest/globals';
import { registryProperties } from './registry-properties.js';

const sasl = { mechanism: 'scram-sha-512', username: 'registry', password: 'secret' } as const;
const linesOf = (...security: Parameters<typeof registryProperties>) =>
  registryProperties(...security)
    .trim()
    .split('\n')
    .map((line) => line.replace('apicurio.kafka.common.', ''));

describe("the registry's way into Kafka", () => {
  it('is plain without TLS and a login', () => {
    expect(linesOf({})).toEqual(['security.protocol=PLAINTEXT']);
  });

  it('is TLS with the authorities of Java where none is named', () => {
    expect(linesOf({ tls: {} })).toEqual(['security.protocol=SSL']);
  });

  it('is TLS with the given authority, on one line, and a login', () => {
    expect(linesOf({ tls: { ca: 'BEGIN\nxyz\nEND\n' }, sasl })).toEqual([
      'security.protocol=SASL_SSL',
      'ssl.truststore.type=PEM',
      String.raw`ssl.truststore.certificates=BEGIN\nxyz\nEND\n`,
      'sasl.mechanism=SCRAM-SHA-512',
      'sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="registry" password="secret";',
    ]);
  });

  it('has another module for PLAIN', () => {
    const lines = linesOf({ tls: {}, sasl: { ...sasl, mechanism: 'plain' } });
    expect(lines).toContain('sasl.mechanism=PLAIN');
    expect(lines.at(-1)).toContain('.plain.PlainLoginModule required ');
  });

  it('keeps what a password means in a login, in an expression and in a properties file', () => {
    const [line = ''] = linesOf({ sasl: { ...sasl, password: String.raw`a"b\c${'$'}{d}` } }).slice(-1);
    expect(line).toContain(String.raw`password="a\\"b\\\\c\\${'$'}{d}";`);
  });
});
