import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Publisher, STORY } from './publisher.js';

/** Orders that are told and read all the time, with every read that failed. */
export class Traffic {
  readonly faults: string[] = [];
  reads = 0;
  private isOver = false;
  private running: Promise<unknown> = Promise.resolve();

  /** @param kinds of reads, made in turn: each throws where it fails, or finds less than before */
  constructor(
    private readonly publisher: Publisher,
    private readonly kinds: readonly (() => Promise<void>)[],
  ) {}

  start(): void {
    this.running = Promise.all([this.tell(), this.read()]);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async tell(): Promise<void> {
    while (!this.isOver) {
      const { told } = this.publisher;
      const unfinished = [...told].filter(([, events]) => events.length < STORY.length).map(([id]) => id);
      await this.publisher.tellNext([...unfinished, randomUUID(), randomUUID()]);
      await sleep(50);
    }
  }

  private async read(): Promise<void> {
    while (!this.isOver) {
      const kind = this.kinds[this.reads++ % this.kinds.length]!;
      await kind().catch((error: unknown) => this.faults.push(String(error)));
    }
  }
}
