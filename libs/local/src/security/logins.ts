import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProgramName, programNames } from '@orderflow/client';
import type { Principal } from '@orderflow/contracts';
import type { KafkaSecurity } from '@orderflow/kafka';
import { newSecret, writeSecretFile } from '../process/secret.js';

/** A user of the built-in Kafka: the programs, and three that the saga does not know. */
export type KafkaUser =
  | Principal
  /** Makes topics and the access control list: it may do everything. */
  | 'admin'
  /** The broker itself. */
  | 'broker'
  | 'registry';

const kafkaUsers: readonly KafkaUser[] = [
  'orders',
  'inventory',
  'payments',
  'notifications',
  'console',
  'ops',
  'admin',
  'broker',
  'registry',
];

/** A role of the built-in PostgreSQL: the programs, one that owns the databases, and one that reads them for operators. */
export type PostgresRole = ProgramName | 'migrations' | 'ops';

const postgresRoles: readonly PostgresRole[] = [...programNames, 'migrations', 'ops'];

/** How programs log in at the parts of a secure system. */
export interface Logins {
  /** Of the certificate that signs those of the parts, PEM. */
  readonly authorityFile: string;
  /** Passwords. */
  readonly kafka: Readonly<Record<KafkaUser, string>>;
  readonly postgres: Readonly<Record<PostgresRole, string>>;
}

const passwordsOf = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, newSecret()]));

/** The logins that are kept in `dir`, readable by its owner alone; made at the first call. */
export async function keptLogins(dir: string, authorityFile: string): Promise<Logins> {
  const file = join(dir, 'logins.json');
  if (!existsSync(file)) {
    await mkdir(dir, { recursive: true });
    const passwords = { kafka: passwordsOf(kafkaUsers), postgres: passwordsOf(postgresRoles) };
    await writeSecretFile(file, `${JSON.stringify(passwords, null, 2)}\n`);
  }
  return { ...(JSON.parse(await readFile(file, 'utf8')) as Omit<Logins, 'authorityFile'>), authorityFile };
}

/** The variables by which a program logs in at Kafka; none where the system has no logins. */
export const kafkaLoginEnv = (
  logins: Logins | undefined,
  user: KafkaUser,
): Readonly<Record<string, string>> | undefined =>
  logins && {
    KAFKA_TLS: 'true',
    KAFKA_TLS_CA_FILE: logins.authorityFile,
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: user,
    KAFKA_SASL_PASSWORD: logins.kafka[user],
  };

/** The same for a connection of this process, which otherwise follows its own environment. */
export async function kafkaSecurityAs(user: KafkaUser, logins: Logins | undefined): Promise<KafkaSecurity> {
  // Loaded lazily: programs that only need PostgreSQL need not load Nest and kafkajs.
  const { kafkaSecurityFrom } = await import('@orderflow/kafka');
  return kafkaSecurityFrom(logins ? kafkaLoginEnv(logins, user) : process.env);
}
