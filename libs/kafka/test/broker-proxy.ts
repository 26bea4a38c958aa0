import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach } from '@jest/globals';
import { brokers } from './real-broker.js';

const PRODUCE = 0;
const brokerPort = Number(brokers[0]!.split(':')[1]);

/**
 * A proxy before the broker, also for the addresses that the broker advertises, new for each test of a file. It can refuse
 * connections, cut them at some requests, and drop the answers to produce requests.
 */
export class BrokerProxy {
  refuses = false;
  losesAnswers = false;
  /** Number of dropped answers. */
  lost = 0;
  /** API keys of the requests that end their connection. */
  readonly cuts = new Set<number>();
  #server!: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    beforeEach(async () => {
      this.#server = createServer((socket) => this.#join(socket)).listen(0, '127.0.0.1');
      await once(this.#server, 'listening');
    });
    afterEach(() => {
      for (const socket of this.#sockets) socket.destroy();
      this.#server.close();
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #join(socket: Socket): void {
    if (this.refuses) return void socket.destroy();
    const upstream = connect(brokerPort, '127.0.0.1');
    const produced = new Set<number>();
    const end = () => void (socket.destroy(), upstream.destroy());
    for (const one of [socket, upstream]) this.#sockets.add(one.on('error', end).on('close', end));
    socket.on(
      'data',
      frames((frame) => {
        // Size, api key, version, correlation id: https://kafka.apache.org/protocol#protocol_messages
        const apiKey = frame.readInt16BE(4);
        if (this.cuts.has(apiKey)) return end();
        if (apiKey === PRODUCE) produced.add(frame.readInt32BE(8));
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
    const at = frame.indexOf(addressOf(brokerPort));
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
