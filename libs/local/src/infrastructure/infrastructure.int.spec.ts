import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeInfrastructurePorts, removeInfrastructure, startInfrastructure, type Infrastructure } from '../index.js';
import { groupsAreServed } from './kafka-probe.js';

let dir: string;
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

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'orderflow-infrastructure-'));
  chmodSync(dir, 0o755);
});

afterAll(async () => {
  await started?.stop();
  await removeInfrastructure(dir);
});

describe('the infrastructure as children', () => {
  it('keeps schemas and their ids after a kill and a restart', async () => {
    const first = await start();
    const id = (await (await register(first.schemaRegistryUrl, [{ name: 'a', type: 'string' }])).json()) as {
      id: number;
    };
    for (const pid of Object.values(first.pids)) process.kill(pid, 'SIGKILL');
    expect(await first.died).toContain('SIGKILL');
    const second = await start();
    const found = await fetch(`${second.schemaRegistryUrl}/schemas/ids/${id.id}`);
    expect(found.status).toBe(200);
    await groupsAreServed(second.kafkaBrokers);
    // Two starts of all three parts, which take a minute on a busy machine.
  }, 180_000);

  it('refuses a schema that is incompatible with an earlier version', async () => {
    const { schemaRegistryUrl } = started ?? (await start());
    const answer = await register(schemaRegistryUrl, [{ name: 'b', type: 'string' }]);
    expect(answer.status).toBe(409);
  });

  it('uses parts that run elsewhere and does not stop them', async () => {
    const own = started ?? (await start());
    const guest = await startInfrastructure({
      dir: join(dir, 'guest'),
      ports: await freeInfrastructurePorts(),
      reuse: {
        databaseUrl: `${own.databaseUrl}/postgres`,
        kafkaBrokers: own.kafkaBrokers,
        schemaRegistryUrl: own.schemaRegistryUrl,
      },
    });
    const { databaseUrl, kafkaBrokers, schemaRegistryUrl, pids } = guest;
    expect({ databaseUrl, kafkaBrokers, schemaRegistryUrl, pids }).toEqual({
      databaseUrl: own.databaseUrl,
      kafkaBrokers: own.kafkaBrokers,
      schemaRegistryUrl: own.schemaRegistryUrl,
      pids: {},
    });
    await guest.stop();
    await groupsAreServed(own.kafkaBrokers);
  });
});
