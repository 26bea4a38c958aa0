import { afterAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { eventually, request } from '@orderflow/client';
import { freePort } from '@orderflow/local';
import { LoneOrders } from './support/lone-orders.js';

const orders = new LoneOrders();

/** A port that forwards to a server once it is opened; until then a connection to it is refused. */
async function closedDoorTo(host: string, port: number) {
  const own = await freePort();
  const server: Server = createServer((client) => {
    const target = connect(port, host);
    for (const [from, to] of [[client, target] as const, [target, client] as const]) {
      from.pipe(to);
      from.on('error', () => to.destroy());
    }
  });
  doors.push(server);
  return { address: `127.0.0.1:${own}`, open: async () => once(server.listen(own, '127.0.0.1'), 'listening') };
}

const doors: Server[] = [];
afterAll(() => doors.forEach((door) => door.close()));

const behind = async (url: string) => {
  const { hostname, port } = new URL(url);
  const door = await closedDoorTo(hostname, Number(port));
  return { url: url.replace(`${hostname}:${port}`, door.address), open: door.open };
};

describe('a service whose dependencies are away at its start', () => {
  it('waits for each of them: live, not ready, and refusing requests for a moment', async () => {
    const { shared, env } = orders;
    const database = await behind(env['DATABASE_URL']!);
    const registry = await behind(shared.schemaRegistryUrl);
    const kafka = await behind(`kafka://${shared.kafkaBrokers.split(',')[0]}`);
    const child = orders.spawn({
      DATABASE_URL: database.url,
      KAFKA_BROKERS: new URL(kafka.url).host,
      SCHEMA_REGISTRY_URL: registry.url,
      LOG_LEVEL: 'warn',
    });
    let log = '';
    child.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const ended = once(child, 'close');
    const url = `http://127.0.0.1:${env.PORT}`;
    const ask = async (path: string) => (await request(url + path)).status;
    const says = async (name: string) => eventually(async () => expect(log).toContain(name));

    for (const [name, { open }] of Object.entries({
      DATABASE_URL: database,
      KAFKA_BROKERS: kafka,
      SCHEMA_REGISTRY_URL: registry,
    })) {
      await says(name);
      expect(await ask('/health/live')).toBe(200);
      expect(await ask('/health/ready')).toBe(503);
      expect(await request(`${url}/orders`, { json: {} })).toMatchObject({
        status: 503,
        body: { type: 'urn:orderflow:problem:unavailable' },
      });
      expect((await request<string>(`${url}/metrics`)).body).toContain('orderflow_ready_checks{check="start"} 0');
      await open();
    }

    await eventually(async () => expect(await ask('/health/ready')).toBe(200), 60_000);
    expect(await ask('/orders?limit=1')).toBe(200);
    expect((await request<string>(`${url}/metrics`)).body).not.toContain('check="start"');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  });
});
