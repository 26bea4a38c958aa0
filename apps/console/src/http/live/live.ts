import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type frames as shapes, MOST_COUNTED } from '@orderflow/console-api';
import { type EventStream, EventStreams } from '@orderflow/http';
import { PinoLogger } from '@orderflow/telemetry';
import type { FastifyReply } from 'fastify';
import { Clock } from '../../domain/clock.js';
import { cutOf } from '../../domain/cuts.js';
import { type Counts, Journal } from '../../domain/journal.js';
import { shownRow, shownStory } from '../../domain/shown.js';

const TICK_MS = 250;
const COUNTS_MS = 1_000;
/** Rows of the journal that one step reads. */
const STEP = 1_000n;
/** A stream that is further behind fetches anew. */
const MOST_BEHIND = 5_000n;

interface Frame {
  readonly name: keyof typeof shapes;
  readonly data: object;
}

/** What a stream is about. */
export interface Channels {
  readonly orders: boolean;
  /** Ids of open orders. */
  readonly order: readonly string[];
}

/** Where a stream is: everything up to its position was sent. */
interface Followed {
  readonly channels: Channels;
  readonly position: string;
}

/**
 * Sends each stream what the journal has written since its position: at once after a quiet time, and at most once in a tick while
 * more comes. While no stream is open, nothing is read.
 */
@Injectable()
export class Live implements OnModuleDestroy {
  private readonly streams = new EventStreams<Followed>({
    tickMs: TICK_MS,
    tick: (streams) => this.tick(streams),
    onError: (error) => this.log.warn({ error }, 'the journal cannot be read: the streams wait'),
  });
  private sentAt = -Infinity;
  private readonly stopListening: () => void;
  private counted: { readonly at: number; readonly counts: Counts } | undefined;

  constructor(
    @Inject(Journal) private readonly journal: Journal,
    @Inject(Clock) private readonly clock: Clock,
    private readonly log: PinoLogger,
  ) {
    this.stopListening = journal.onWritten(() => {
      // Each frame costs every page that is open a drawing: a burst is sent together, at the next tick.
      if (this.clock.elapsed() - this.sentAt >= TICK_MS) this.streams.wake();
    });
  }

  /** @throws Problem 503 when too many streams are open */
  open(reply: FastifyReply, followed: Followed): void {
    const data = { position: followed.position, tickMs: TICK_MS, now: new Date(this.clock.now()).toISOString() };
    send(this.streams.open(reply, followed), [{ name: 'hello', data }], followed.position);
  }

  onModuleDestroy(): void {
    this.stopListening();
    this.streams.end();
  }

  private async tick(streams: readonly EventStream<Followed>[]): Promise<void> {
    const end = await this.journal.end();
    // One after the other: streams that are at the same position could share reads, and their number is small.
    for (const stream of streams) await this.serve(stream, end);
  }

  private async serve(stream: EventStream<Followed>, end: string): Promise<void> {
    // A slow reader gets nothing until it has taken what was written before.
    while (stream.isReady && stream.state.position !== end) {
      const { position } = stream.state;
      const behind = BigInt(end) - BigInt(position);
      // A position beyond the end is of a journal that was rebuilt.
      if (behind > MOST_BEHIND || behind < 0n)
        return send(stream, [{ name: 'reset', data: { why: 'too_old', position: end } }], end);
      const to = behind > STEP ? String(BigInt(position) + STEP) : end;
      this.sentAt = this.clock.elapsed();
      send(stream, await this.framesOf(stream.state, to, end), to);
    }
  }

  private async framesOf({ channels, position }: Followed, to: string, end: string): Promise<Frame[]> {
    const changed = await this.journal.changedBetween(position, to);
    const more = Number(BigInt(end) - BigInt(to));
    const frames = [
      ...(channels.orders && changed.length > 0 ? [this.ordersFrame(changed, more)] : []),
      ...channels.order.filter((id) => changed.includes(id)).map((orderId) => this.orderFrame(orderId)),
    ];
    return Promise.all(frames);
  }

  private async ordersFrame(changed: readonly string[], more: number): Promise<Frame> {
    const [heads, counts, through] = await Promise.all([
      this.journal.heads(changed),
      this.counts(),
      this.journal.through(),
    ]);
    const up = heads.map(({ orderId, head }) => shownRow(orderId, head));
    return { name: 'orders', data: { up, counts, more, through: through.toISOString() } };
  }

  private async orderFrame(orderId: string): Promise<Frame> {
    const { told, others, asOf } = await cutOf(this.journal, orderId, {});
    return { name: 'order', data: shownStory(orderId, told, others, asOf) };
  }

  private async counts(): Promise<Counts> {
    const now = this.clock.elapsed();
    if (this.counted === undefined || now - this.counted.at > COUNTS_MS)
      this.counted = { at: now, counts: await this.journal.counts(undefined, MOST_COUNTED) };
    return this.counted.counts;
  }
}

function send(stream: EventStream<Followed>, frames: readonly Frame[], position: string): void {
  stream.send(frames, position);
  stream.state = { ...stream.state, position };
}
