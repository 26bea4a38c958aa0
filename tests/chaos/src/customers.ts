import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type NewOrder } from '@orderflow/client';
import { reasonOf } from '@orderflow/local';
import { postJson, randomOrder } from '../../../bench/src/load-orders.ts';

const ANSWER_TIMEOUT_MS = 8_000;
const PAUSE_MS = 1_000;
/** Of those who got no answer, so many ask again at a time: all at once would keep a system down that just comes back. */
const PATIENT = 32;
/** Of a hundred orders, so many are sent twice at once, again after the answer, or taken back. */
const TWINS = 10;
const REPEATED = 10;
const CANCELLED = 10;
const LONGEST_CHANGE_OF_MIND_MS = 2_000;

/** What a customer knows of one order: the rig's own log, next to everybody's books. */
export interface Placement {
  key: string;
  order: NewOrder;
  /** When it was first sent, ms since the epoch. */
  sentAt: number;
  /** Whatever came with a 202; more than one would be two orders for one key. */
  orderIds: Set<string>;
  /** Whether a cancellation was answered with 202: then it must be cancelled. */
  cancelled: boolean;
}

interface Answer {
  /** 0 where there is none. */
  status: number;
  text: string;
}

/** So many at a time; the others wait for their turn. */
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

/** Customers who order at a constant rate, whatever becomes of them, and who repeat themselves until they have an answer. */
export class Customers {
  readonly placements: Placement[] = [];
  /** How often each answer came; 0 stands for none. */
  readonly answers = new Map<number, number>();
  /** Answers that nobody should get, the first few. */
  readonly refusals: string[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly urls: readonly string[];
  private readonly customerId: string;
  private readonly underWay = new Set<Promise<void>>();
  private readonly patient = new Turns(PATIENT);
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;

  /** @param urls of the members of orders: any of them will do */
  constructor(urls: readonly string[], customerId: string) {
    this.urls = urls;
    this.customerId = customerId;
  }

  /** From now on so many orders a second. */
  begin(perSecond: number): void {
    const began = performance.now();
    let placed = 0;
    this.timer = setInterval(() => {
      // By the clock, not by the ticks: a tick that comes late brings all that were due.
      for (; placed < ((performance.now() - began) / 1000) * perSecond; placed++) this.watch(this.order());
    }, 10);
  }

  /** An ordinary order, for whoever wants to know whether orders get through. @returns its id once it is accepted */
  async probe(): Promise<string> {
    const placement = this.newPlacement(randomOrder(this.customerId, false));
    return this.insist(placement);
  }

  /** No more orders. @returns whether everybody has an answer within the time */
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
    const placement = { key: randomUUID(), order, sentAt: Date.now(), orderIds: new Set<string>(), cancelled: false };
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
    const { orderId } = JSON.parse(text) as { orderId: string };
    placement.orderIds.add(orderId);
    return orderId;
  }

  /** Asks one member after the other until one of them has an answer. @throws Error for an answer other than these */
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

/** Whoever gets one of these asks again. */
const isAnswer = ({ status }: Answer): boolean => status !== 0 && status !== 503;
