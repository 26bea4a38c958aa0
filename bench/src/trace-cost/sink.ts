/**
 * Receives spans over OTLP/HTTP, counts them and keeps nothing:  node bench/src/trace-cost/sink.ts <port>
 * A process of its own, so that the cost of a collector is not counted as the cost of tracing. `GET /` returns the counts.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;

/** The values of one field of bytes in a message (https://protobuf.dev/programming-guides/encoding/). */
function* fieldsOf(message: Buffer, wanted: number): Generator<Buffer> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const kind = tag & 7;
    if (kind === VARINT) varint();
    else if (kind !== BYTES) at += kind === FIXED_64 ? 8 : 4;
    else {
      const end = varint() + at;
      if (tag >>> 3 === wanted) yield message.subarray(at, end);
      at = end;
    }
  }
}

/** An ExportTraceServiceRequest: resource_spans = 1, in each scope_spans = 2, in each spans = 2. */
function spansIn(request: Buffer): number {
  let spans = 0;
  for (const resource of fieldsOf(request, 1))
    for (const scope of fieldsOf(resource, 2)) spans += [...fieldsOf(scope, 2)].length;
  return spans;
}

const counts = { spans: 0, bytes: 0 };
let receivedAt = performance.now();

async function take(request: IncomingMessage): Promise<void> {
  const body = await buffer(request);
  receivedAt = performance.now();
  counts.spans += spansIn(body);
  counts.bytes += body.length;
}

createServer((request, answer) => {
  if (request.method === 'GET') {
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end(JSON.stringify({ ...counts, quietMs: performance.now() - receivedAt }));
    return;
  }
  take(request).then(
    () => answer.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(),
    (error: unknown) => answer.writeHead(500).end(String(error)),
  );
}).listen(Number(process.argv[2]), '127.0.0.1');
