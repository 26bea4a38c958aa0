import { randomInt, randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type NewOrder } from '@orderflow/client';
import { reasonOf } from '@orderflow/local';
import { postJson, randomOrder } from '../../../bench/src/load-orders.ts';

const ANSWER_TIMEOUT_MS = 8_000;
const PAUSE_MS = 1_000;
/** Requests without an answer are repeated this many at a time: all at once would overload a system that is recovering. */
const REPEATED_AT_ONCE = 32;
/** Of a hundred orders: sent twice at once, sent again after the answer, and cancelled. */
const TWINS = 10;
const REPEATED = 10;
const CANCELLED = 10;
const LONGEST_CHANGE_OF_MIND_MS = 2_000;

/** A request to place an order, with the answers that its customer got. */
export interface Placement {
  key: string;
  order: NewOrder;
  /** When it was first sent, ms since the epoch. */
  sentAt: number;
  /** Orders named by a 202; more than one would be two orders for one key. */
  orderIds: Set<string>;
  /** Of the last 202, in minor units. */
  totalMinor: number | undefined;
  /** Whether a cancellation was answered with 202: then the order must end cancelled. */
  cancelled: boolean;
}

interface Answer {
  readonly status: number;
  readonly path: string;
  readonly text: string;
}

/** Customers that order at a constant rate, whatever the system answers, and repeat each request until it is answered. */
export class Customers {
  readonly placements: Placement[] = [];
  /** Number of answers by HTTP status; 0 stands for no answer. */
  readonly answers = new Map<number, number>();
  /** Requests that got an unexpected answer. */
  readonly refusals: string[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly urls: readonly string[];
  private readonly customerId: string;
  private readonly token: string | undefined;
  private readonly underWay = new Set<Promise<unknown>>();
  /** Queues of requests to repeat; each promise is the end of the last one in its queue. */
  private readonly queues = Array<Promise<unknown>>(REPEATED_AT_ONCE).fill(Promise.resolve());
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;

  /** @param urls of the instances of orders, used in turn. @param token of the customer, where orders asks for one */
  constructor(urls: readonly string[], customerId: string, token?: string) {
    this.urls = urls;
    this.customerId = customerId;
    this.token = token;
  }

  /** Starts to place orders. @param place one order, with the whims of customers if left out */
  begin(perSecond: number, place: () => Promise<unknown> = async () => this.order()): void {
    const began = performance.now();
    let placed = 0;
    this.timer = setInterval(() => {
      // By the clock, not by the ticks: a late tick places all orders that were due.
      for (; placed < ((performance.now() - began) / 1000) * perSecond; placed++) this.watch(place());
    }, 10);
  }

  /** Places one order that ends confirmed, and waits behind no other request. @returns its id once it is accepted */
  async probe(): Promise<string> {
    const placement = this.newPlacement(randomOrder(this.customerId, false));
    return noteAccepted(placement, await this.untilAnswered('/orders', placement));
  }

  /** Places no more orders, and waits until every request is answered, `withinMs` at most. */
  async finish(withinMs: number): Promise<void> {
    clearInterval(this.timer);
    // A request that is still open then is cut by the agent, and repeated by no one: its order may exist or not.
    await eventually(() => this.underWay.size === 0, withinMs).catch(() => undefined);
    this.agent.destroy();
  }

  private watch(work: Promise<unknown>): void {
    const watched = work
      .catch((error: unknown) => void this.refusals.push(reasonOf(error)))
      .finally(() => this.underWay.delete(watched));
    this.underWay.add(watched);
  }

  private newPlacement(order: NewOrder): Placement {
    const unanswered = { orderIds: new Set<string>(), totalMinor: undefined, cancelled: false };
    const placement = { key: randomUUID(), order, sentAt: Date.now(), ...unanswered };
    this.placements.push(placement);
    return placement;
  }

  private async order(): Promise<void> {
    const placement = this.newPlacement(randomOrder(this.customerId, true));
    const whim = Math.random() * 100;
    const twin = whim < TWINS ? this.insist(placement) : undefined;
    const orderId = await this.insist(placement);
    await twin;
    if (whim >= TWINS && whim < TWINS + REPEATED) await this.insist(placement);
    if (whim < 100 - CANCELLED) return;
    await sleep(Math.random() * LONGEST_CHANGE_OF_MIND_MS);
    const { status } = demandStatus([202, 409], await this.post(`/orders/${orderId}/cancel`));
    placement.cancelled = status === 202;
  }

  private async insist(placement: Placement): Promise<string> {
    return noteAccepted(placement, await this.post('/orders', placement));
  }

  private async post(path: string, placement?: Placement): Promise<Answer> {
    return (await this.postOnce(path, placement)) ?? (await this.repeat(path, placement));
  }

  private async repeat(path: string, placement?: Placement): Promise<Answer> {
    const index = randomInt(this.queues.length);
    const repeated = this.queues[index]!.then(async () => this.untilAnswered(path, placement));
    this.queues[index] = repeated;
    return repeated;
  }

  /** Sends a request to one instance after the other until it is answered. */
  private async untilAnswered(path: string, placement?: Placement): Promise<Answer> {
    for (;;) {
      const answer = await this.postOnce(path, placement);
      if (answer !== undefined) return answer;
      await sleep(PAUSE_MS * (0.5 + Math.random()));
    }
  }

  /** @returns undefined without an answer, with a 503, or with the 408 of a service that was stopped: such a request is sent again */
  private async postOnce(path: string, placement?: Placement): Promise<Answer | undefined> {
    const url = this.urls[this.turn++ % this.urls.length]! + path;
    // Refused, cut off or too late: no answer, which the report counts as status 0.
    const { status, text } = await postJson(url, {
      ...(placement && { body: JSON.stringify(placement.order) }),
      headers: {
        ...(placement && { 'idempotency-key': placement.key }),
        ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
      },
      agent: this.agent,
      timeoutMs: ANSWER_TIMEOUT_MS,
    }).catch(() => ({ status: 0, text: '' }));
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    return [0, 408, 503].includes(status) ? undefined : { status, path, text };
  }
}

/** Notes the order that a 202 names. @returns its id @throws Error for another status */
function noteAccepted(placement: Placement, answer: Answer): string {
  const { text } = demandStatus([202], answer);
  const { orderId, totalMinor } = JSON.parse(text) as { orderId: string; totalMinor: number };
  placement.orderIds.add(orderId);
  placement.totalMinor = totalMinor;
  return orderId;
}

function demandStatus(expected: readonly number[], answer: Answer): Answer {
  if (expected.includes(answer.status)) return answer;
  throw new Error(`${answer.path} answers ${answer.status} ${answer.text}`);
}
