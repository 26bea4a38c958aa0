/** `orderflow secrets`: makes the secrets that an installation needs, once, as lines of its `.env`. */
import {
  infrastructurePorts,
  newSecret,
  newSecrets,
  portFrom,
  SetupError,
  writeContainerAuth,
  writeContainerSecurity,
  writeServiceSecrets,
} from '@orderflow/local';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export const usage = `Usage: orderflow secrets [--to <file> | --for-services <folder> [--secure]]

Prints new secrets as lines of a .env file, or appends them to a file. \`npm start\` and compose need none: they make
their own.
Only those that are not set yet are made, except for the key of payment tokens, of which each run makes a new one.

  PAYMENT_TOKEN_PUBLIC_KEY    for orders, which encrypts payment tokens with it
  PAYMENT_TOKEN_PRIVATE_KEYS  for payments alone. Keys of the set that this variable holds already stay in it
  IDEMPOTENCY_SECRET          for orders, the key of its hashes
  POSTGRES_PASSWORD, GRAFANA_PASSWORD  of the containers, read when their volumes are created

  --to <file>              append to this file; a later line of a .env file wins
  --for-services <folder>  write a file per service, <folder>/<service>/service.env; what is not set is made once and kept;
                           beside them the key that signs tokens, and the key set that verifies them
  --secure                 beside them the certificates of PostgreSQL and Kafka, and a login for each program, for compose`;

/** Where compose publishes Kafka unless KAFKA_PORT says otherwise. */
const KAFKA_PORT = 9092;

export async function main(args: readonly string[]): Promise<number> {
  const options = {
    to: { type: 'string' },
    'for-services': { type: 'string' },
    secure: { type: 'boolean', default: false },
  } as const;
  const { to, 'for-services': folder, secure } = parseArgs({ args: [...args], options }).values;
  if (folder !== undefined) {
    await writeServiceSecrets(folder);
    await writeContainerAuth(folder);
    if (secure) await writeContainerSecurity(folder, portFrom(infrastructurePorts.kafka.variable, KAFKA_PORT));
    return 0;
  }
  const secrets = await newSecrets(process.env['PAYMENT_TOKEN_PRIVATE_KEYS'] || undefined);
  const text = Object.entries({ ...secrets, POSTGRES_PASSWORD: newSecret(), GRAFANA_PASSWORD: newSecret() })
    .filter(([name]) => name.startsWith('PAYMENT_TOKEN_') || !process.env[name])
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
  if (to === undefined) process.stdout.write(text);
  else append(to, text);
  return 0;
}

function append(file: string, lines: string): void {
  try {
    const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
    // A last line that does not end would go on with the first one of these.
    const gap = before === '' || before.endsWith('\n') ? '' : '\n';
    appendFileSync(file, gap + lines, { mode: 0o600 });
  } catch (error) {
    throw new SetupError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code}): choose another file.`);
  }
}
