import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { seedOf, socketTo } from './addresses.js';

describe('the address of a broker', () => {
  it.each(['127.0.0.1:9092', 'kafka_1.example.com:9092'])('is kept where kafkajs reads it: %s', (address) => {
    expect(seedOf(address)).toBe(address);
  });

  it('is connected to, in plain, where it is one of IPv6', async () => {
    const server = createServer().listen(0, '::1');
    await once(server, 'listening');
    const [host = '', port] = seedOf(`[::1]:${(server.address() as AddressInfo).port}`).split(':');
    const connected = once(server, 'connection');
    // As kafkajs calls it where no TLS is asked for.
    const socket = socketTo({ host, port: Number(port), ssl: null, onConnect: () => undefined });
    await connected;
    socket.destroy();
    server.close();
    await once(server, 'close');
    expect(socket).not.toBeInstanceOf(TLSSocket);
  });
});
