import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Logins } from '../security/logins.js';
import { writeContainerSecurity } from './container-security.js';

let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'orderflow-container-security-'));
  await writeContainerSecurity(dir, 9092);
});
afterEach(() => rmSync(dir, { recursive: true }));

const read = (...path: string[]) => readFileSync(join(dir, ...path), 'utf8');
const loginOf = (program: string) => parseEnv(read(program, 'login.env'));
const passwords = () => JSON.parse(read('security', 'logins.json')) as Pick<Logins, 'kafka' | 'postgres'>;

/** The folders, and so the containers, that have a text in one of their files. */
const holdersOf = (text: string): string[] =>
  readdirSync(dir)
    .filter((folder) => folder !== 'security')
    .filter((folder) => readdirSync(join(dir, folder)).some((file) => read(folder, file).includes(text)))
    .toSorted();

const programs = ['orders', 'inventory', 'payments', 'notifications', 'console'] as const;

describe('the logins of containers', () => {
  it.each(programs)('give %s its own role and user alone', (program) => {
    const { DATABASE_URL: databaseUrl = '', ...kafka } = loginOf(program);
    const url = new URL(databaseUrl);
    expect([url.username, url.host, url.pathname]).toEqual([program, 'postgres:5432', `/${program}`]);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      sslmode: 'verify-full',
      sslrootcert: '/auth/authority.pem',
    });
    expect(kafka).toEqual({
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: '/auth/authority.pem',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: program,
      KAFKA_SASL_PASSWORD: passwords().kafka[program],
    });
  });

  it('give the sandbox no user of Kafka, and operators no database of their own', () => {
    expect(Object.keys(loginOf('sandbox'))).toEqual(['DATABASE_URL']);
    expect(new URL(loginOf('ops')['DATABASE_URL']!)).toMatchObject({ username: 'ops', pathname: '' });
  });

  it('keep each password from every container but those that need it', () => {
    const { kafka, postgres } = passwords();
    for (const program of programs) {
      expect(holdersOf(kafka[program])).toEqual(['kafka', program].toSorted());
      expect(holdersOf(postgres[program])).toEqual(['migrate', program].toSorted());
    }
    expect(holdersOf(kafka.admin)).toEqual(['kafka', 'topics']);
    expect(holdersOf(kafka.registry)).toEqual(['kafka', 'registry']);
    expect(holdersOf(postgres.migrations)).toEqual(['migrate']);
    expect(holdersOf(read('postgres', 'password'))).toEqual(['migrate', 'postgres']);
    expect(holdersOf('PRIVATE KEY')).toEqual(['kafka', 'postgres']);
  });

  it('are made once, and certificates again at each start, by the same authority', async () => {
    const [before, certificate] = [passwords(), read('postgres', 'tls.crt')];
    await writeContainerSecurity(dir, 9092);
    expect(passwords()).toEqual(before);
    const renewed = new X509Certificate(read('postgres', 'tls.crt'));
    expect(renewed.toString()).not.toBe(certificate);
    expect(renewed.verify(new X509Certificate(read('auth', 'authority.pem')).publicKey)).toBe(true);
  });
});

describe('the parts of containers', () => {
  it.each([
    ['kafka', 'tls.pem'],
    ['postgres', 'tls.crt'],
  ])('show %s by its name in the network, and on the machine', (name, file) => {
    const certificate = new X509Certificate(/-----BEGIN CERT[^]*/.exec(read(name, file))![0]);
    for (const host of [name, 'localhost']) expect(certificate.checkHost(host)).toBe(host);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  });

  it('let clients into Kafka by TLS and a login alone, in the network and on the machine', () => {
    const lines = read('kafka', 'server.properties').split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'listeners=SASL_SSL://:29092,HOST://:9092,CONTROLLER://:9093',
        'advertised.listeners=SASL_SSL://kafka:29092,HOST://127.0.0.1:9092',
        'listener.security.protocol.map=SASL_SSL:SASL_SSL,HOST:SASL_SSL,CONTROLLER:SSL',
        'controller.quorum.voters=1@kafka:9093',
        'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'ssl.keystore.location=/security/tls.pem',
        'ssl.truststore.location=/security/authority.pem',
        'log.dirs=/var/lib/kafka/data',
      ]),
    );
  });

  it('let clients into PostgreSQL by TLS alone, but for the socket of its own container', () => {
    expect(read('postgres', 'pg_hba.conf').trim().split('\n')).toEqual([
      'local all all trust',
      'hostssl all all all scram-sha-256',
    ]);
  });
});
