import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kafkaSecurityFrom, refusalIn } from './security.js';

const folder = join(tmpdir(), `orderflow-ca-${randomUUID()}`);
const file = join(folder, 'ca.pem');
beforeAll(() => {
  mkdirSync(folder);
  writeFileSync(file, 'a certificate');
});
afterAll(() => rmSync(folder, { recursive: true }));
const login = { KAFKA_SASL_USERNAME: 'orders', KAFKA_SASL_PASSWORD: 'secret' };

describe('the security of a connection to Kafka', () => {
  it('is none where nothing is set', () => {
    expect(kafkaSecurityFrom({})).toEqual({});
  });

  it('is TLS and a login where both are set', () => {
    expect(kafkaSecurityFrom({ ...login, KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: file })).toEqual({
      tls: { ca: 'a certificate' },
      sasl: { mechanism: 'scram-sha-512', username: 'orders', password: 'secret' },
    });
  });

  it('trusts the authorities of Node.js where no file is named', () => {
    expect(kafkaSecurityFrom({ KAFKA_TLS: 'on' })).toEqual({ tls: {} });
  });

  it.each(['SCRAM-SHA-256', 'scram-sha-256'])('takes the mechanism as Kafka spells it: %s', (mechanism) => {
    expect(kafkaSecurityFrom({ ...login, KAFKA_SASL_MECHANISM: mechanism }).sasl?.mechanism).toBe('scram-sha-256');
  });

  it.each([
    [{ KAFKA_SASL_USERNAME: 'orders' }, 'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD belong together'],
    [{ KAFKA_SASL_PASSWORD: 'secret' }, 'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD belong together'],
    [{ KAFKA_TLS_CA_FILE: file }, 'KAFKA_TLS_CA_FILE is set, and KAFKA_TLS is not true'],
    [{ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: '/nowhere/ca.pem' }, 'KAFKA_TLS_CA_FILE cannot be read: ENOENT'],
    [{ ...login, KAFKA_SASL_MECHANISM: 'PLAIN' }, 'KAFKA_SASL_MECHANISM=PLAIN sends the password in clear'],
    [{ KAFKA_SASL_MECHANISM: 'GSSAPI' }, 'KAFKA_SASL_MECHANISM is not valid: must be one of scram-sha-512'],
  ])('is refused in one line where it is half given: %j', (env, line) => {
    expect(() => kafkaSecurityFrom(env)).toThrow(line);
    expect(() => kafkaSecurityFrom(env)).not.toThrow(/\n|secret/);
  });
});

describe('the reason why the brokers cannot be used', () => {
  const reach = { brokers: ['b:9092'], security: kafkaSecurityFrom({ ...login, KAFKA_TLS: 'true' }) };
  const named = (name: string, message: string) => Object.assign(new Error(message), { name });

  it('is the login where the brokers refuse it', () => {
    const line = refusalIn(named('KafkaJSSASLAuthenticationError', 'invalid credentials'), reach);
    expect(line).toBe(
      'KAFKA_BROKERS b:9092 refuse the login of "orders": correct KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD.',
    );
  });

  it('is the authority where their certificate is not trusted', () => {
    const line = refusalIn(
      named('KafkaJSConnectionError', 'Connection error: unable to verify the first certificate'),
      reach,
    );
    expect(line).toContain('set KAFKA_TLS_CA_FILE to the certificate of its authority');
  });

  it('is left to others where they do not answer', () => {
    expect(refusalIn(named('KafkaJSConnectionError', 'connect ECONNREFUSED'), reach)).toBeUndefined();
  });
});
