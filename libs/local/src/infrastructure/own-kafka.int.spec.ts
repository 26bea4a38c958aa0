import { afterAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import {
  freeInfrastructurePorts,
  kafkaLoginEnv,
  type Part,
  removeInfrastructure,
  Security,
  startInfrastructure,
  startKafka,
  temporaryFolder,
} from '../index.js';

const dir = temporaryFolder('own-kafka');
const before = { ...process.env };
const started: Pick<Part, 'stop'>[] = [];

afterAll(async () => {
  process.env = before;
  for (const part of started.toReversed()) await part.stop();
  await removeInfrastructure(dir);
});

it('an embedded registry logs in at a Kafka of its owner as every program does', async () => {
  const security = await Security.in(join(dir, 'security'));
  // Characters that mean something in the settings of the registry.
  const kafka = { ...security.logins.kafka, admin: 'a$${b}$c' };
  const { kafka: port, kafkaController: controllerPort, ...ports } = await freeInfrastructurePorts();
  const place = { port, controllerPort, security: { ...(await security.ofKafka()), logins: kafka } };
  const own = await startKafka({ ...place, dataDir: join(dir, 'kafka'), log: join(dir, 'kafka.log') });
  started.push(own);
  Object.assign(process.env, kafkaLoginEnv({ ...security.logins, kafka }, 'admin'));
  const infrastructure = await startInfrastructure({
    dir: join(dir, 'system'),
    ports: { ...ports, kafka: port, kafkaController: controllerPort },
    reuse: { databaseUrl: process.env['DATABASE_URL'], kafkaBrokers: own.brokers },
  });
  started.push(infrastructure);
  const answer = await fetch(`${infrastructure.schemaRegistryUrl}/subjects/probe/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: '{"type":"string"}' }),
  });
  expect(answer.status).toBe(200);
}, 180_000);
