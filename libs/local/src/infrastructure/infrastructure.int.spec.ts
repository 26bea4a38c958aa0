import { afterAll, describe, expect, it } from '@jest/globals';
import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  freeInfrastructurePorts,
  type Infrastructure,
  removeInfrastructure,
  startInfrastructure,
  temporaryFolder,
} from '../index.js';
import { groupsAreServed } from './kafka-probe.js';

// Kafka's settings file knows no letters beyond Latin-1, and its list of folders is split at commas.
const folder = temporaryFolder('infrastructure');
const dir = join(folder, 'Müller, Łódź & 工場');
let started: Infrastructure | undefined;

async function start(): Promise<Infrastructure> {
  started = await startInfrastructure({ dir, ports: await freeInfrastructurePorts() });
  return started;
}

const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };

async function register(url: string, fields: object[]): Promise<Response> {
  const schema = JSON.stringify({ type: 'record', name: 'Probe', fields });
  return fetch(`${url}/subjects/probe/versions`, { method: 'POST', headers, body: JSON.stringify({ schema }) });
}

afterAll(async () => {
  await started?.stop();
  await removeInfrastructure(dir);
  rmdirSync(folder);
});

describe('the infrastructure as children', () => {
  it('keeps schemas and their ids after a kill and a restart', async () => {
    const first = await start();
    const answer = await register(first.schemaRegistryUrl, [{ name: 'a', type: 'string' }]);
    const { id } = (await answer.json()) as { id: number };
    for (const pid of Object.values(first.pids)) process.kill(pid, 'SIGKILL');
    expect(await first.died).toContain('SIGKILL');
    const second = await start();
    const found = await fetch(`${second.schemaRegistryUrl}/schemas/ids/${id}`);
    expect(found.status).toBe(200);
    await groupsAreServed(second.kafkaBrokers);
    // Two starts of all three parts, which take a minute on a busy machine.
  }, 180_000);

  it('uses parts that run elsewhere and does not stop them', async () => {
    const own = started ?? (await start());
    const { databaseUrl, kafkaBrokers, schemaRegistryUrl } = own;
    const guest = await startInfrastructure({
      dir: join(dir, 'guest'),
      ports: await freeInfrastructurePorts(),
      reuse: { databaseUrl: `${databaseUrl}/postgres`, kafkaBrokers, schemaRegistryUrl },
    });
    expect(guest).toMatchObject({ databaseUrl, kafkaBrokers, schemaRegistryUrl });
    expect(guest.pids).toEqual({});
    await guest.stop();
    await groupsAreServed(kafkaBrokers);
  });
});
