import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

/** A client of the live stream of all orders, which comes back when it is cut off. */
export class StreamClient {
  bytes = 0;
  /** How often the server has cut it off. */
  cuts = 0;
  /** Milliseconds between two reads that brought something. */
  readonly gaps: number[] = [];
  private readonly url: string;
  private readonly bytesPerSecond: number;
  private answer: IncomingMessage | undefined;
  private isClosed = false;
  private readAt = performance.now();

  private constructor(url: string, bytesPerSecond: number) {
    this.url = url;
    this.bytesPerSecond = bytesPerSecond;
  }

  /** @param bytesPerSecond that it reads at most */
  static async open(url: string, bytesPerSecond = Infinity): Promise<StreamClient> {
    const client = new StreamClient(url, bytesPerSecond);
    await client.connect();
    return client;
  }

  close(): void {
    this.isClosed = true;
    this.answer?.destroy();
  }

  private async connect(): Promise<void> {
    const options = { headers: { accept: 'text/event-stream' }, agent: false };
    const asked = get(`${this.url}/api/stream?channels=orders`, options);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    this.answer = answer;
    answer.on('data', (chunk: Buffer) => this.take(answer, chunk));
    // `close` follows.
    answer.on('error', () => undefined);
    answer.once('close', () => void this.comeBack());
  }

  private async comeBack(): Promise<void> {
    if (this.isClosed) return;
    this.cuts += 1;
    await this.connect();
  }

  private take(answer: IncomingMessage, chunk: Buffer): void {
    const now = performance.now();
    this.gaps.push(now - this.readAt);
    this.readAt = now;
    this.bytes += chunk.length;
    if (this.bytesPerSecond === Infinity) return;
    answer.pause();
    setTimeout(() => answer.resume(), (chunk.length * 1000) / this.bytesPerSecond);
  }
}
