import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

interface Received {
  readonly path: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** The header x-tenant. */
  readonly tenant: string | undefined;
  /** As text, whatever the encoding: names and attributes can be found in it. */
  readonly body: string;
}

/** Receives spans over OTLP by HTTP and by gRPC, and keeps the requests. */
export class TraceSink {
  private readonly received: Received[] = [];
  private readonly sessions = new Set<ServerHttp2Session>();

  private readonly http = createServer((request, response) => {
    void this.take(request, request.url, request.headers).then(() => response.writeHead(200).end());
  });

  private readonly grpc = createHttp2Server()
    .on('session', (session) => this.sessions.add(session))
    .on('stream', (stream, headers) => {
      void this.take(stream, headers[':path'], headers).then(() => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        // An empty message: not compressed, of no bytes.
        stream.end(Buffer.alloc(5));
      });
    });

  get httpUrl(): string {
    return urlOf(this.http.address());
  }

  get grpcUrl(): string {
    return urlOf(this.grpc.address());
  }

  async open(): Promise<void> {
    for (const server of [this.http, this.grpc])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }

  /** The request that carries the span of this name. */
  requestWith(name: string): Received | undefined {
    return this.received.find(({ body }) => body.includes(name));
  }

  async close(): Promise<void> {
    this.http.closeAllConnections();
    for (const session of this.sessions) session.destroy();
    for (const server of [this.http, this.grpc]) await new Promise((resolve) => server.close(resolve));
  }

  private async take(
    stream: NodeJS.ReadableStream,
    path: string | undefined,
    headers: IncomingMessage['headers'],
  ): Promise<void> {
    const bytes = await buffer(stream);
    const contentEncoding = headers['content-encoding'];
    const tenant = headers['x-tenant'];
    this.received.push({
      path,
      contentType: headers['content-type'],
      contentEncoding,
      tenant: typeof tenant === 'string' ? tenant : undefined,
      body: (contentEncoding === 'gzip' ? gunzipSync(bytes) : bytes).toString('latin1'),
    });
  }
}

const urlOf = (address: AddressInfo | string | null): string => `http://127.0.0.1:${(address as AddressInfo).port}`;
