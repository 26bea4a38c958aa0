import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { KafkajsBroker } from '../src/driver/kafkajs-broker.js';
import { brokers, once, RealBroker, valueOf } from './real-broker.js';

let real: RealBroker;
let proxy: Proxy;
beforeEach(async () => {
  real = new RealBroker();
  await real.start(1);
  proxy = await Proxy.start();
});
afterEach(async () => {
  await real.close();
  proxy.close();
});

const PRODUCE = 0;

/** A proxy before the broker, also for the addresses that the broker advertises. Can drop the answers to produce requests. */
class Proxy {
  losesAnswers = false;
  lost = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => this.#join(socket));
  }

  static async start(): Promise<Proxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Proxy(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
  }

  #join(socket: Socket): void {
    const upstream = connect(Number(brokers[0]!.split(':')[1]), '127.0.0.1');
    const produced = new Set<number>();
    const end = () => (socket.destroy(), upstream.destroy());
    for (const one of [socket, upstream]) this.#sockets.add(one.on('error', end).on('close', end));
    socket.on(
      'data',
      frames((frame) => {
        // Size, api key, version, correlation id: https://kafka.apache.org/protocol#protocol_messages
        if (frame.readInt16BE(4) === PRODUCE) produced.add(frame.readInt32BE(8));
        upstream.write(frame);
      }),
    );
    upstream.on(
      'data',
      frames((frame) => {
        if (!this.losesAnswers || !produced.has(frame.readInt32BE(4))) return void socket.write(this.#asOurs(frame));
        this.lost += 1;
        end();
      }),
    );
  }

  /** Replaces the broker's advertised address by the proxy's. */
  #asOurs(frame: Buffer): Buffer {
    const at = frame.indexOf(addressOf(Number(brokers[0]!.split(':')[1])));
    if (at >= 0) addressOf(this.port).copy(frame, at);
    return frame;
  }
}

function addressOf(port: number): Buffer {
  const bytes = Buffer.from('127.0.0.1....');
  bytes.writeInt32BE(port, bytes.length - 4);
  return bytes;
}

/** Cuts a stream into the frames of the protocol. */
function frames(take: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      const frame = Buffer.from(rest.subarray(0, end));
      rest = rest.subarray(end);
      take(frame);
    }
  };
}

describe('acknowledged records', () => {
  // proves: the producer is not the idempotent one of kafkajs, and none that failed is used again
  it('are all in the log after the answer to the record before them was lost', async () => {
    const broker = new KafkajsBroker({ brokers: [`127.0.0.1:${proxy.port}`], clientId: 'test' });
    const publish = (text: string) =>
      broker.publish([{ topic: real.topic, key: 'k', value: Buffer.from(text), headers: {} }]);
    await publish('first');
    proxy.losesAnswers = true;
    // The record is in the log although the publisher gets an error: the outcome is unknown.
    await expect(publish('unknown')).rejects.toMatchObject({ name: expect.stringMatching(/^KafkaJS/) });
    expect(proxy.lost).toBeGreaterThan(0);
    proxy.losesAnswers = false;
    await publish('acknowledged');
    await publish('after it');
    await broker.disconnect();

    const consumed: string[] = [];
    await real.consume(async (records) => void consumed.push(...records.map(valueOf)));
    await eventually(() => consumed.includes('after it'));
    expect(once(consumed)).toEqual(['first', 'unknown', 'acknowledged', 'after it']);
  });
});
