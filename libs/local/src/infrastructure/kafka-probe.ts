import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/**
 * Two hand-written requests instead of a client library: an admin client has retries, timers and warnings of its own.
 * Formats: https://kafka.apache.org/protocol#protocol_messages, FindCoordinator version 0 and OffsetFetch version 2.
 */
const FIND_COORDINATOR = { key: 10, version: 0 };
const OFFSET_FETCH = { key: 9, version: 2 };
const NOT_COORDINATOR = 16;
const GROUP = 'orderflow-readiness';
const TIMEOUT_MS = 5_000;

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function frame(api: { key: number; version: number }, body: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeInt16BE(api.key, 4);
  head.writeInt16BE(api.version, 6);
  head.writeInt32BE(1, 8);
  const request = Buffer.concat([head, text('orderflow'), body]);
  request.writeInt32BE(request.length - 4, 0);
  return request;
}

/** Sends one request and returns the answer without its length and correlation id. */
async function send(socket: Socket, request: Buffer): Promise<Buffer> {
  socket.write(request);
  let answer = Buffer.alloc(0);
  for (;;) {
    const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(TIMEOUT_MS) })) as [Buffer];
    answer = Buffer.concat([answer, chunk]);
    if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) return answer.subarray(8);
  }
}

/**
 * Resolves when the broker at `host:port` serves consumer groups: it names a coordinator that has loaded its offsets. An open
 * port is not enough: the first joins would be refused.
 * @throws Error while it does not
 */
export async function groupsAreServed(broker: string): Promise<void> {
  const at = broker.lastIndexOf(':');
  const socket = connect(Number(broker.slice(at + 1)), broker.slice(0, at));
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const coordinator = (await send(socket, frame(FIND_COORDINATOR, text(GROUP)))).readInt16BE(0);
    if (coordinator !== 0) throw new Error(`no group coordinator yet (Kafka error ${coordinator})`);
    const everyTopic = Buffer.from([0xff, 0xff, 0xff, 0xff]);
    const offsets = await send(socket, frame(OFFSET_FETCH, Buffer.concat([text(GROUP), everyTopic])));
    const error = offsets.readInt16BE(offsets.length - 2);
    // In a cluster another broker may be the coordinator of the group.
    if (error !== 0 && error !== NOT_COORDINATOR) throw new Error(`offsets are not loaded yet (Kafka error ${error})`);
  } finally {
    socket.destroy();
  }
}
