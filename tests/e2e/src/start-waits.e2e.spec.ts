import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { eventually, request } from '@orderflow/client';
import { freePort } from '@orderflow/local';
import { Proxy } from '@orderflow/local/test/proxy';
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
const proxies: Proxy[] = [];
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
});
afterAll(() => doors.forEach((door) => door.close()));

const behind = async (url: string) => {
  const { hostname, port } = new URL(url);
  const door = await closedDoorTo(hostname, Number(port));
  return { url: url.replace(`${hostname}:${port}`, door.address), open: door.open };
};

/** A proxy before a server. */
const before = async (url: string) => {
  const { hostname, port } = new URL(url);
  const proxy = await Proxy.start(0, Number(port), hostname);
  proxies.push(proxy);
  return { url: url.replace(`${hostname}:${port}`, `127.0.0.1:${proxy.port}`), proxy };
};

const kafkaUrl = () => `kafka://${orders.shared.kafkaBrokers.split(',')[0]}`;

/** Orders with these dependencies. */
function start(dependencies: { database: string; kafka: string; registry: string }) {
  const child = orders.spawn({
    DATABASE_URL: dependencies.database,
    KAFKA_BROKERS: new URL(dependencies.kafka).host,
    SCHEMA_REGISTRY_URL: dependencies.registry,
    LOG_LEVEL: 'warn',
  });
  let log = '';
  child.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const url = `http://127.0.0.1:${orders.env.PORT}`;
  const ask = async (path: string) => (await request(url + path)).status;
  return {
    child,
    url,
    ask,
    ended: once(child, 'close'),
    says: async (name: string) => eventually(async () => expect(log).toContain(name), 60_000),
    becomesReady: async () => eventually(async () => expect(await ask('/health/ready')).toBe(200), 60_000),
  };
}

describe('a service whose dependencies are away at its start', () => {
  it('waits for each of them: live, not ready, and refusing requests for a moment', async () => {
    const { shared, env } = orders;
    const database = await behind(env['DATABASE_URL']!);
    const registry = await behind(shared.schemaRegistryUrl);
    const kafka = await behind(kafkaUrl());
    const { child, url, ask, ended, says, becomesReady } = start({
      database: database.url,
      kafka: kafka.url,
      registry: registry.url,
    });

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

    await becomesReady();
    expect(await ask('/orders?limit=1')).toBe(200);
    expect((await request<string>(`${url}/metrics`)).body).not.toContain('check="start"');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  });
});

describe('a service whose dependency stops answering during its start', () => {
  /** Its first check has passed: the service waits for the registry, and for this dependency once that is there. */
  async function stalled(name: 'database' | 'kafka') {
    const registry = await behind(orders.shared.schemaRegistryUrl);
    const urls = { database: orders.env['DATABASE_URL']!, kafka: kafkaUrl(), registry: registry.url };
    const { url, proxy } = await before(urls[name]);
    const service = start({ ...urls, [name]: url });
    await service.says('SCHEMA_REGISTRY_URL');
    const mend = proxy.begin('half-open');
    await registry.open();
    return { ...service, mend };
  }

  it.each([
    ['database', 'DATABASE_URL'],
    ['kafka', 'KAFKA_BROKERS'],
  ] as const)('waits for it, live and not ready, and goes on when it answers again: %s', async (name, variable) => {
    const { child, ask, ended, says, becomesReady, mend } = await stalled(name);
    await says(variable);
    expect([await ask('/health/live'), await ask('/health/ready')]).toEqual([200, 503]);
    mend();
    await becomesReady();
    expect(await ask('/orders?limit=1')).toBe(200);
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  });

  it('ends at once when it is told to', async () => {
    const { child, ended, says } = await stalled('database');
    await says('DATABASE_URL');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(143);
  });
});
