import { eventually } from './eventually.js';

export interface ReadFrame {
  readonly name: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

/** Reads Server-Sent Events, as a client that can be cut off at any frame. */
export class StreamReader {
  readonly frames: ReadFrame[] = [];
  lastId: string | undefined;
  private readonly cut = new AbortController();
  private reading: Promise<boolean> = Promise.resolve(false);

  /** @throws Error when the answer is no stream */
  async open(url: string, lastEventId?: string): Promise<this> {
    const headers = { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) };
    const answer = await fetch(url, { headers, signal: this.cut.signal });
    if (!answer.ok || !answer.body) throw new Error(`the stream answers ${answer.status}`);
    this.lastId = lastEventId;
    this.reading = this.read(answer.body).then(
      () => true,
      // Wherever it is cut.
      () => false,
    );
    return this;
  }

  named(name: string): ReadFrame[] {
    return this.frames.filter((frame) => frame.name === name);
  }

  /** Resolves with the first frame that matches. */
  async until(matches: (frame: ReadFrame) => boolean): Promise<ReadFrame> {
    return eventually(async () => {
      const found = this.frames.find(matches);
      if (found === undefined) throw new Error(`not among ${this.frames.length} frames`);
      return found;
    });
  }

  /** Resolves once nothing more comes: true where the server has ended the stream, false where the connection was cut. */
  ended(): Promise<boolean> {
    return this.reading;
  }

  async close(): Promise<void> {
    this.cut.abort();
    await this.reading;
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) this.take(part);
    }
  }

  private take(part: string): void {
    const fields = new Map(
      part.split('\n').map((line): [string, string] => {
        const [name = '', ...rest] = line.split(': ');
        return [name, rest.join(': ')];
      }),
    );
    const name = fields.get('event');
    if (name === undefined) return;
    this.lastId = fields.get('id') ?? this.lastId;
    this.frames.push({ name, id: fields.get('id'), data: JSON.parse(fields.get('data') ?? '{}') });
  }
}
