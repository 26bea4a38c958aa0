/** `orderflow recover`: takes back what a service has published and its restored database does not hold. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { usualPorts } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import { newSecrets, serviceEnv, SetupError, type SystemSettings } from '@orderflow/local';
import { findRunning, root } from './demo/running-system.ts';

export const usage = `Usage: orderflow recover SERVICE [--from POSITION] [--yes]

After the database of a service was restored to an earlier point: makes the events that the service has published since
part of its state again, from its own topics. Without --yes it is a dry run: it prints what is missing and changes nothing.
Stop every instance of the service first. Afterwards the service consumes by itself what others have published since.

  SERVICE          ${services.join(', ')}
  --from POSITION  earliest (the default), or a time before the restored point, such as 2026-11-21T12:00:00Z
  --yes            takes the events back

Without KAFKA_BROKERS it uses the system that \`npm start\` keeps up. Otherwise these variables name the system:
  KAFKA_BROKERS        host:port of the brokers, separated by commas
  TOPIC_PREFIX         the prefix of every topic and group
  SCHEMA_REGISTRY_URL  the schema registry
  DATABASE_URL         the database server, without a database name
  DATABASE_PREFIX      the prefix of every database name`;

async function settingsOfSystem(): Promise<SystemSettings> {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, DATABASE_URL, TOPIC_PREFIX = '', DATABASE_PREFIX = '' } = process.env;
  const running = KAFKA_BROKERS ? undefined : findRunning();
  // Nothing is placed or charged: any valid secrets do.
  const secrets = await newSecrets();
  if (running) return { ...running, infrastructure: running, secrets };
  if (!KAFKA_BROKERS || !SCHEMA_REGISTRY_URL || !DATABASE_URL)
    throw new SetupError(
      'Set KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL, or start a system with "npm start".',
    );
  const infrastructure = {
    kafkaBrokers: KAFKA_BROKERS,
    schemaRegistryUrl: SCHEMA_REGISTRY_URL,
    databaseUrl: DATABASE_URL,
  };
  return { infrastructure, topicPrefix: TOPIC_PREFIX, databasePrefix: DATABASE_PREFIX, secrets };
}

const isService = (name: string | undefined): name is Service => services.some((service) => service === name);

export async function main(args: readonly string[]): Promise<number> {
  const options = { from: { type: 'string', default: 'earliest' }, yes: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [service, ...more] = positionals;
  if (!isService(service) || more.length > 0)
    throw new SetupError(`Name one service: ${services.join(', ')}. See orderflow recover --help.`);
  const env = serviceEnv(service, { ...usualPorts, smtp: 3025 }, await settingsOfSystem());
  // The state of a service is rebuilt by its own program: no other one knows what an event means to it.
  const program = spawn(
    process.execPath,
    [
      '--import',
      '@orderflow/telemetry/register',
      join('apps', service, 'dist', 'main.js'),
      'recover',
      '--from',
      values.from,
      ...(values.yes ? ['--yes'] : []),
    ],
    { cwd: root, env: { ...env, LOG_LEVEL: 'error', OTEL_EXPORTER_OTLP_ENDPOINT: '' }, stdio: 'inherit' },
  );
  const [code] = (await once(program, 'exit')) as [number | null];
  return code ?? 1;
}
