import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type NewOrder } from '@orderflow/client';
import { reasonOf } from '@orderflow/local';
import { postJson, randomOrder } from '../../../bench/src/load-orders.ts';

const ANSWER_TIMEOUT_MS = 8_000;
const PAUSE_MS = 1_000;
/** Requests without an answer that are repeated at a time: all at once would overload a system that is recovering. */
const PATIENT = 32;
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
  /** HTTP status; 0 without an answer. */
  status: number;
  text: string;
}

/** Runs a limited number of works at a time; the others wait for their turn. */
class Turns {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(atOnce: number) {
    this.free = atOnce;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
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
  private readonly underWay = new Set<Promise<void>>();
  private readonly patient = new Turns(PATIENT);
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;

  /** @param urls of the instances of orders, used in turn */
  constructor(urls: readonly string[], customerId: string) {
    this.urls = urls;
    this.customerId = customerId;
  }

  /** Starts to place orders. */
  begin(perSecond: number): void {
    const began = performance.now();
    let placed = 0;
    this.timer = setInterval(() => {
      // By the clock, not by the ticks: a late tick places all orders that were due.
      for (; placed < ((performance.now() - began) / 1000) * perSecond; placed++) this.watch(this.order());
    }, 10);
  }

  /** Places one order that ends confirmed. @returns its id once it is accepted */
  async probe(): Promise<string> {
    const placement = this.newPlacement(randomOrder(this.customerId, false));
    return this.insist(placement);
  }

  /** Places no more orders. @returns whether every request is answered within the time */
  async finish(withinMs: number): Promise<boolean> {
    clearInterval(this.timer);
    await eventually(() => this.underWay.size === 0, withinMs).catch(() => undefined);
    this.agent.destroy();
    return this.underWay.size === 0;
  }

  private watch(work: Promise<void>): void {
    const watched = work
      .catch((error: unknown) => void this.refusals.push(reasonOf(error)))
      .finally(() => this.underWay.delete(watched));
    this.underWay.add(watched);
  }

  private newPlacement(order: NewOrder): Placement {
    const placement = {
      key: randomUUID(),
      order,
      sentAt: Date.now(),
      orderIds: new Set<string>(),
      totalMinor: undefined,
      cancelled: false,
    };
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
    placement.cancelled = (await this.ask(`/orders/${orderId}/cancel`, '', [202, 409], {})).status === 202;
  }

  private async insist(placement: Placement): Promise<string> {
    const headers = { 'idempotency-key': placement.key };
    const { text } = await this.ask('/orders', JSON.stringify(placement.order), [202], headers);
    const { orderId, totalMinor } = JSON.parse(text) as { orderId: string; totalMinor: number };
    placement.orderIds.add(orderId);
    placement.totalMinor = totalMinor;
    return orderId;
  }

  /** Sends a request to one instance after the other until it is answered. @throws Error for an unexpected status */
  private async ask(
    path: string,
    body: string,
    expected: readonly number[],
    headers: Record<string, string>,
  ): Promise<Answer> {
    const expect = (answer: Answer) => {
      if (expected.includes(answer.status)) return answer;
      throw new Error(`${path} answers ${answer.status} ${answer.text}`);
    };
    const answer = await this.askOnce(path, body, headers);
    if (isAnswer(answer)) return expect(answer);
    return this.patient.run(async () => {
      for (;;) {
        const later = await this.askOnce(path, body, headers);
        if (isAnswer(later)) return expect(later);
        await sleep(PAUSE_MS * (0.5 + Math.random()));
      }
    });
  }

  private async askOnce(path: string, body: string, headers: Record<string, string>): Promise<Answer> {
    const url = this.urls[this.turn++ % this.urls.length]! + path;
    const answer = await postJson(url, { body, headers, agent: this.agent, timeoutMs: ANSWER_TIMEOUT_MS }).catch(() => {
      return { status: 0, text: '' };
    });
    this.answers.set(answer.status, (this.answers.get(answer.status) ?? 0) + 1);
    return answer;
  }
}

/** A request without an answer, or with a 503, is sent again. */
const isAnswer = ({ status }: Answer): boolean => status !== 0 && status !== 503;
