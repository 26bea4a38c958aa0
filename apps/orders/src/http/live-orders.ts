import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type EventStream, EventStreams } from '@orderflow/http';
import { writeHeard } from '@orderflow/order-view';
import { PinoLogger } from '@orderflow/telemetry';
import type { FastifyReply } from 'fastify';
import { type FoundOrder, OrderReader } from '../domain/order-reader.js';
import { type Listener, tells } from '../domain/listener.js';
import { orderAnswerOf } from './answers.js';

/** Less than a person notices; one query for all streams of the process. */
const TICK_MS = 100;

/** Orders that are read at once: an order may have 2,000 lines. */
const AT_ONCE = 50;

/**
 * Sends each stream the view of its order whenever it has changed. All instances of orders write the views to one database,
 * where each looks for news of the orders that its streams are about.
 */
@Injectable()
export class LiveOrders implements OnModuleDestroy {
  private readonly streams = new EventStreams<Listener>({
    tickMs: TICK_MS,
    tick: (streams) => this.tick(streams),
    onError: (error) => this.log.warn({ error }, 'the views cannot be read: the streams wait'),
  });

  constructor(
    @Inject(OrderReader) private readonly orders: OrderReader,
    private readonly log: PinoLogger,
  ) {}

  /** @throws Problem 503 when too many streams are open */
  open(reply: FastifyReply, listener: Listener, current: FoundOrder): void {
    tell(this.streams.open(reply, listener), current);
  }

  onModuleDestroy(): void {
    this.streams.end();
  }

  private async tick(streams: readonly EventStream<Listener>[]): Promise<void> {
    const waiting = Map.groupBy(
      streams.filter(({ isReady }) => isReady),
      ({ state }) => state.orderId,
    );
    const newest = await this.orders.versionsOf([...waiting.keys()]);
    const changed = [...newest].filter(([orderId, version]) =>
      waiting.get(orderId)?.some(({ state }) => tells(version, state)),
    );
    for (let begin = 0; begin < changed.length; begin += AT_ONCE) {
      const ids = changed.slice(begin, begin + AT_ONCE).map(([orderId]) => orderId);
      for (const found of await this.orders.viewsOf(ids))
        for (const stream of waiting.get(found.order.orderId) ?? []) tell(stream, found);
    }
  }
}

function tell(stream: EventStream<Listener>, { order, heard }: FoundOrder): void {
  if (tells({ heard, settled: order.settled }, stream.state)) {
    stream.send([{ name: 'order', data: orderAnswerOf(order) }], writeHeard(heard));
    stream.state = { ...stream.state, heard };
  }
  // Nothing follows: no service owes an answer.
  if (order.settled) stream.end();
}
