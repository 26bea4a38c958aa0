import { join } from 'node:path';
import { programNames } from '@orderflow/client';
import { protocolOf, javaLogin } from '../infrastructure/java-login.js';
import {
  clusterId,
  containerProperties,
  formatArgs,
  KEY_STORE,
  type KafkaBrokerSecurity,
  keyStore,
  TRUST_STORE,
} from '../infrastructure/kafka-properties.js';
import { databaseUrlOf, withTls } from '../infrastructure/postgres.js';
import { registryProperties } from '../infrastructure/registry-properties.js';
import { secretIn } from '../process/secret.js';
import { kafkaLoginEnv, kafkaSecurityAs, type Logins } from '../security/logins.js';
import { Security } from '../security/security.js';
import { AUTH_FOLDER, linesOf, writeForContainer } from './container-files.js';
import { databaseUrlAs } from './databases.js';

/** The names of the containers. */
const POSTGRES = 'postgres';
const KAFKA = 'kafka';
const AUTHORITY = 'authority.pem';
/** Where the containers of PostgreSQL, Kafka and the registry mount their folder. */
const SECURITY_FOLDER = '/security';
const LOGIN = 'login.env';
/** That of the image of PostgreSQL in compose. */
const SUPERUSER = 'orderflow';

// The socket is in the container of the server alone: its image makes the database over it, and operators enter there.
const CLIENTS_OF_POSTGRES = `local all all trust
hostssl all all all scram-sha-256
`;

/**
 * For containers: certificates and logins of a system with TLS and least rights between its parts, in one folder for each
 * volume, below `dir`. The authority and the passwords are made once, and the certificates at each call.
 * - `security`: the authority with its key, and all passwords, for no other container
 * - `auth`: the certificate of the authority
 * - a folder for each program, and `ops`, `topics` and `migrate`: the logins of that one, in `login.env`
 * - `postgres`, `kafka` and `registry`: what each of them reads at its start
 * @param kafkaPort on 127.0.0.1 of the machine, where Kafka is published
 */
export async function writeContainerSecurity(dir: string, kafkaPort: number): Promise<void> {
  const security = await Security.in(join(dir, 'security'));
  const kafka = await security.ofKafka([KAFKA]);
  const postgres = await security.ofPostgres([POSTGRES]);
  const superuserPassword = await secretIn(join(dir, 'security', 'postgres-password'));
  await writeForContainer(join(dir, 'auth'), AUTHORITY, kafka.authority);
  await writeKafka(join(dir, 'kafka'), kafka, kafkaPort);
  await write(join(dir, 'postgres'), {
    'tls.crt': postgres.certified.certificate,
    'tls.key': postgres.certified.privateKey,
    'pg_hba.conf': CLIENTS_OF_POSTGRES,
    password: superuserPassword,
  });
  await write(join(dir, 'registry'), {
    'registry.properties': registryProperties(await kafkaSecurityAs('registry', security.logins)),
  });
  await writeLogins(dir, security.logins, superuserPassword);
}

async function writeKafka(folder: string, security: KafkaBrokerSecurity, port: number): Promise<void> {
  const properties = `${SECURITY_FOLDER}/server.properties`;
  await write(folder, {
    'server.properties': containerProperties(security, SECURITY_FOLDER, port),
    'format.args': formatArgs(properties, clusterId(), security.logins),
    [KEY_STORE]: keyStore(security.certified),
    [TRUST_STORE]: security.authority,
    'client.properties': clientProperties(security),
  });
}

/** For the health check of the broker, which is one of its own scripts. */
function clientProperties({ authority, logins }: KafkaBrokerSecurity): string {
  const sasl = { mechanism: 'scram-sha-512', username: 'broker', password: logins.broker } as const;
  const values = {
    'security.protocol': protocolOf({ tls: { ca: authority }, sasl }),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': `${SECURITY_FOLDER}/${TRUST_STORE}`,
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.jaas.config': javaLogin(sasl),
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

async function writeLogins(dir: string, ours: Logins, superuserPassword: string): Promise<void> {
  const logins = { ...ours, authorityFile: `${AUTH_FOLDER}/${AUTHORITY}` };
  const server = withTls(`postgres://${SUPERUSER}:${superuserPassword}@${POSTGRES}:5432`, logins.authorityFile);
  for (const program of programNames)
    await writeLogin(join(dir, program), {
      DATABASE_URL: databaseUrlAs(program, databaseUrlOf(server, program), logins),
      ...(program !== 'sandbox' && kafkaLoginEnv(logins, program)),
    });
  await writeLogin(join(dir, 'ops'), {
    DATABASE_URL: databaseUrlAs('ops', server, logins),
    ...kafkaLoginEnv(logins, 'ops'),
  });
  await writeLogin(join(dir, 'topics'), { ...kafkaLoginEnv(logins, 'admin') });
  await writeLogin(join(dir, 'migrate'), { DATABASE_URL: server });
  await write(join(dir, 'migrate'), { 'logins.json': `${JSON.stringify({ postgres: logins.postgres }, null, 2)}\n` });
}

const writeLogin = async (folder: string, variables: Readonly<Record<string, string>>): Promise<void> =>
  write(folder, { [LOGIN]: linesOf(variables) });

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) await writeForContainer(folder, file, text);
}
