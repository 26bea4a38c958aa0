import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { listenOn } from '@orderflow/local';
import { DELAY_MS, Proxy } from './proxy.ts';

let server: Server;
let proxy: Proxy;
/** Bytes that the server received, over all connections. */
let received: string;
let served: Socket[];

beforeEach(async () => {
  received = '';
  served = [];
  server = createServer((socket) => {
    served.push(socket);
    socket
      // A connection that the proxy breaks: the tests look at the client's side.
      .on('error', () => undefined)
      .on('data', (chunk) => {
        received += chunk.toString();
        socket.write(chunk.toString().toUpperCase());
      });
  });
  proxy = await Proxy.start(0, await listenOn(server));
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of served) socket.destroy();
  server.close();
  await once(server, 'close');
});

class Client {
  responses = '';
  ended: string | undefined;
  readonly socket = connect(proxy.port, '127.0.0.1');
  readonly over = new Promise<void>((resolve) => this.socket.once('close', () => resolve()));

  constructor() {
    this.socket.on('data', (chunk) => (this.responses += chunk.toString()));
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.ended = error.code));
  }

  async send(text: string): Promise<this> {
    this.socket.write(text);
    await until(() => received.endsWith(text));
    return this;
  }

  /** Sends a text, and returns once its response arrived. */
  async exchange(text: string): Promise<this> {
    await this.send(text);
    await until(() => this.responses.endsWith(text.toUpperCase()));
    return this;
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turns(1);
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the proxy', () => {
  it('passes bytes on, and the end of a connection', async () => {
    const client = await new Client().exchange('hello');
    client.socket.end();
    await until(() => served[0]!.readableEnded || served[0]!.destroyed);
  });

  it('withholds responses while requests pass, then resets the connection: they never arrive', async () => {
    const client = await new Client().exchange('first');
    const mend = proxy.begin('withheld answers');
    await client.send('second');
    await turns(100);
    mend();
    await client.over;
    expect([client.responses, client.ended]).toEqual(['FIRST', 'ECONNRESET']);
    await new Client().exchange('third');
  });

  it('keeps a connection that had no response to withhold', async () => {
    const client = await new Client().send('a');
    proxy.begin('withheld answers')();
    await client.exchange('b');
    expect(client.responses).toBe('AB');
  });

  it('passes no byte while half-open, and the server is not notified of the end', async () => {
    const client = await new Client().exchange('before');
    const mend = proxy.begin('half-open');
    client.socket.write('lost');
    client.socket.end();
    await client.over;
    await turns(100);
    expect([received, served[0]!.readableEnded]).toEqual(['before', false]);
    mend();
    await turns(100);
    expect(served[0]!.readableEnded).toBe(false);
    await new Client().exchange('after');
  });

  it('resets connections, and new ones meanwhile', async () => {
    const client = await new Client().send('x');
    const mend = proxy.begin('reset');
    await client.over;
    const late = new Client();
    await late.over;
    expect([client.ended, late.ended]).toEqual(['ECONNRESET', 'ECONNRESET']);
    mend();
    await new Client().exchange('y');
  });

  it('delays bytes, and keeps their order when the delay ends', async () => {
    const client = await new Client().exchange('a');
    const mend = proxy.begin('delay');
    const since = performance.now();
    client.socket.write('b');
    await turns(20);
    mend();
    client.socket.write('c');
    await until(() => client.responses === 'ABC');
    expect(performance.now() - since).toBeGreaterThan(DELAY_MS - 5);
  });
});
