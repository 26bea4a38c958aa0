import { randomInt } from 'node:crypto';
import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { inParallel, type Line, type NewOrder, type NewProduct, type SystemClient } from '@orderflow/client';

const product = (sku: string): NewProduct => ({ sku, name: `Load ${sku}`, priceMinor: 1250, currency: 'EUR' });

/** Sold by the load alone, so that the demo's stock stays as it is. */
const products = Array.from({ length: 20 }, (_, index) => product(`load-${index + 1}`));

/** Never enough of it for an order of `--mix`. */
const scarce = product('load-scarce');
const SCARCE_UNITS = 5;

/** Uses of each token in a hundred orders of `--mix`. */
const mix = { tok_visa: 70, tok_declined: 8, tok_insufficient_funds: 5, tok_slow: 5, tok_flaky: 10, tok_timeout: 2 };
const mixedTokens = Object.entries(mix).flatMap(([token, share]) => Array.from({ length: share }, () => token));
const BEYOND_STOCK_SHARE = 0.05;

/** Delivers enough of each product for so many orders, and returns once orders knows all prices. */
export async function stockUp(client: SystemClient, orders: number): Promise<void> {
  await Promise.all([...products.map((it) => client.stockUp(it, orders)), client.stockUp(scarce, SCARCE_UNITS)]);
}

const OPENED_AT_ONCE = 32;

/** Puts all products on sale and delivers so many units of each; returns once orders knows the prices. */
export async function openShop(client: SystemClient, sold: readonly NewProduct[], units: number): Promise<void> {
  await inParallel(sold.length, OPENED_AT_ONCE, async (index) => {
    await client.putProduct(sold[index]!);
    await client.deliver(sold[index]!.sku, units);
  });
  await client.stockUp(sold.at(-1)!, units);
}

/** An order over one to three products; with `mixed` any token, and now and then more than is in stock. */
export function randomOrder(customerId: string, mixed: boolean): NewOrder {
  const first = randomInt(products.length);
  const lines: Line[] = products.slice(first, first + randomInt(1, 4)).map(({ sku }) => ({ sku, quantity: 1 }));
  if (mixed && Math.random() < BEYOND_STOCK_SHARE) lines.push({ sku: scarce.sku, quantity: SCARCE_UNITS + 1 });
  const paymentToken = mixed ? (mixedTokens[randomInt(mixedTokens.length)] ?? 'tok_visa') : 'tok_visa';
  return { customerId, email: 'load@example.com', lines, paymentToken };
}

interface PostOptions {
  readonly body?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly agent: Agent;
  readonly timeoutMs?: number;
}

/**
 * Posts JSON over a connection of the agent. With `node:http`, since `fetch` would take a third of a small machine.
 * @throws Error when there is no response, or none within `timeoutMs`
 */
export async function postJson(url: string, { body = '', headers, agent, timeoutMs }: PostOptions) {
  const type = body === '' ? {} : { 'content-type': 'application/json' };
  const options = {
    method: 'POST',
    agent,
    headers: { ...type, 'content-length': Buffer.byteLength(body), ...headers },
    ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
  };
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      const status = answer.statusCode ?? 0;
      text(answer).then((received) => resolve({ status, text: received }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Posts orders over connections that stay open. */
export class Poster {
  private readonly agent: Agent;
  private readonly url: string;
  private readonly headers: OutgoingHttpHeaders;

  /** @param token of an operator, where the system asks for one */
  constructor(ordersUrl: string, concurrency: number, token?: string) {
    this.url = `${ordersUrl}/orders`;
    this.headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  }

  /** Returns the order's id. @throws Error for an answer other than 202 */
  async post(order: NewOrder): Promise<string> {
    const { agent, headers } = this;
    const { status, text: answer } = await postJson(this.url, { body: JSON.stringify(order), agent, headers });
    if (status !== 202) throw new Error(`POST ${this.url} answers ${status} ${answer}`);
    return (JSON.parse(answer) as { orderId: string }).orderId;
  }

  close(): void {
    this.agent.destroy();
  }
}
