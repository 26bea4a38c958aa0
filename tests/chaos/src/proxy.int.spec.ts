import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Proxy } from './proxy.ts';

let server: Server;
let proxy: Proxy;
/** What the server was asked, all connections together. */
let asked: string;
let served: Socket[];

beforeEach(async () => {
  asked = '';
  served = [];
  server = createServer((socket) => {
    served.push(socket);
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        asked += chunk.toString();
        socket.write(chunk.toString().toUpperCase());
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await Proxy.start(0, (server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of served) socket.destroy();
  server.close();
  await once(server, 'close');
});

class Client {
  answered = '';
  ended: string | undefined;
  readonly socket = connect(proxy.port, '127.0.0.1');
  readonly over = new Promise<void>((resolve) => this.socket.once('close', () => resolve()));

  constructor() {
    this.socket.on('data', (chunk) => (this.answered += chunk.toString()));
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.ended = error.code));
  }

  async says(words: string): Promise<this> {
    this.socket.write(words);
    await until(() => asked.endsWith(words));
    return this;
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('the proxy', () => {
  it('passes on what is said, and a goodbye', async () => {
    const client = await new Client().says('hello');
    await until(() => client.answered === 'HELLO');
    client.socket.end();
    await until(() => served[0]!.readableEnded || served[0]!.destroyed);
  });

  it('withholds answers while what is asked goes through, then cuts the connection: they never come', async () => {
    const client = await new Client().says('first');
    await until(() => client.answered === 'FIRST');
    const mend = proxy.begin({ kind: 'withheld answers' });
    await client.says('second');
    await turns(100);
    mend();
    await client.over;
    expect([client.answered, client.ended]).toEqual(['FIRST', 'ECONNRESET']);
    const next = await new Client().says('third');
    await until(() => next.answered === 'THIRD');
  });

  it('lets a connection live that had nothing to answer meanwhile', async () => {
    const client = await new Client().says('a');
    proxy.begin({ kind: 'withheld answers' })();
    await client.says('b');
    await until(() => client.answered === 'AB');
  });

  it('passes nothing on while half-open, and the server is not told of an end', async () => {
    const client = await new Client().says('before');
    await until(() => client.answered === 'BEFORE');
    const mend = proxy.begin({ kind: 'half-open' });
    client.socket.write('lost');
    client.socket.end();
    await client.over;
    await turns(100);
    expect([asked, served[0]!.readableEnded]).toEqual(['before', false]);
    mend();
    await turns(100);
    expect(served[0]!.readableEnded).toBe(false);
    const next = await new Client().says('after');
    await until(() => next.answered === 'AFTER');
  });

  it('resets connections, and sends away who comes meanwhile', async () => {
    const client = await new Client().says('x');
    const mend = proxy.begin({ kind: 'reset' });
    await client.over;
    const late = new Client();
    await late.over;
    expect([client.ended, late.ended]).toEqual(['ECONNRESET', 'ECONNRESET']);
    mend();
    const next = await new Client().says('y');
    await until(() => next.answered === 'Y');
  });

  it('delays, and keeps the order of what was said when the delay ends', async () => {
    const client = await new Client().says('a');
    await until(() => client.answered === 'A');
    const mend = proxy.begin({ kind: 'delay', ms: 60 });
    const since = performance.now();
    client.socket.write('b');
    await turns(20);
    mend();
    client.socket.write('c');
    await until(() => client.answered === 'ABC');
    expect(performance.now() - since).toBeGreaterThan(55);
  });
});
