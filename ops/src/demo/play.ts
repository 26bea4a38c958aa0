import { styleText } from 'node:util';
import type { ServiceName } from '@orderflow/local';
import { catalogue, type Scenario, scenariosFor } from './scenarios.ts';
import { type Order, Shop } from './shop.ts';
import { tableOf } from './table.ts';
import { faultsOf } from './verify.ts';

/** Time that an order may take beyond its deadline: the provider's silence, the next ask, the refund, the mails. */
const GRACE_MS = 60_000;

const HEADING = ['order', 'expected', 'status', 'reason', 'stock', 'payment', 'settled', 'mails', 'seconds'];

/** Where the orders are placed. */
export interface Stage {
  readonly urls: Readonly<Record<ServiceName, string>>;
  /** As the system has it; undefined where nobody knows. */
  readonly orderDeadlineSeconds: number | undefined;
}

/** Prints what happens to the orders that it was told to watch. */
export interface Watcher {
  /** @param since when the order was posted, ms since 1970 */
  watch(orderId: string, since: number): void;
  /** Resolves when nothing more has come for a moment. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

// The usual one, where nobody knows.
const USUAL_DEADLINE_SECONDS = 60;

interface Outcome {
  scenario: Scenario;
  order: Order;
  mails: string[];
  seconds: number;
  /** What is not as it should be, each a sentence. */
  faults: string[];
}

/** Places one order of each outcome, prints what happens to each, then a table; true when all ended as they should. */
export async function play(
  { urls, orderDeadlineSeconds }: Stage,
  watcherOf: (shop: Shop) => Promise<Watcher> | Watcher,
): Promise<boolean> {
  const shop = new Shop(urls);
  const run = Date.now().toString(36);
  for (const { wanted, ...product } of catalogue) await shop.stockUp(product, wanted, `demo-${run}-${product.sku}`);
  const timeoutMs = (orderDeadlineSeconds ?? USUAL_DEADLINE_SECONDS) * 1000 + GRACE_MS;
  const watcher = await watcherOf(shop);
  const outcomes: Outcome[] = [];
  try {
    const scenarios = scenariosFor(orderDeadlineSeconds);
    for (const [index, scenario] of scenarios.entries()) {
      const onPlaced = (orderId: string, since: number) => {
        const title = styleText('bold', `${index + 1} of ${scenarios.length}  ${scenario.title}`);
        console.log(`\n${title}  ${styleText('dim', orderId)}`);
        watcher.watch(orderId, since);
      };
      outcomes.push(await playOne(scenario, shop, onPlaced, timeoutMs));
      await watcher.quiet();
    }
  } finally {
    await watcher.stop();
  }
  console.log(`\n${tableFor(outcomes)}\n`);
  const faults = outcomes.flatMap(({ faults: some }) => some);
  for (const fault of faults) console.log(styleText('red', fault));
  return faults.length === 0;
}

async function playOne(
  scenario: Scenario,
  shop: Shop,
  onPlaced: (orderId: string, since: number) => void,
  timeoutMs: number,
): Promise<Outcome> {
  const { title, lines, paymentToken, cancels } = scenario;
  const stockNow = async () => Promise.all(lines.map(async ({ sku }) => shop.stockOf(sku)));
  const before = await stockNow();
  const since = Date.now();
  const { orderId } = await shop.place({ customerId: 'demo', email: 'customer@example.com', lines, paymentToken });
  onPlaced(orderId, since);
  if (cancels) {
    await shop.orderWhen(orderId, ({ stock }) => stock !== 'pending', timeoutMs);
    await shop.cancel(orderId);
  }
  const order = await shop.orderWhen(orderId, ({ settled }) => settled, timeoutMs);
  const seconds = (Date.now() - since) / 1000;
  const [after, charges, mails] = await Promise.all([stockNow(), shop.chargesOf(orderId), shop.mailsOf(orderId)]);
  const faults = faultsOf({ scenario, order, before, after, charges, mails });
  return { scenario, order, mails, seconds, faults: faults.map((fault) => `${title}: ${fault} (order ${orderId})`) };
}

function tableFor(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ scenario, order, mails, seconds, faults }, index) => [
    String(index + 1),
    faults.length === 0
      ? styleText('green', `✓ ${scenario.expected.status}`)
      : styleText('red', `✗ ${scenario.expected.status}`),
    order.status,
    order.cancelReason ?? '',
    order.stock,
    order.payment,
    order.settled ? 'yes' : 'no',
    mails.join(', '),
    seconds.toFixed(2),
  ]);
  return tableOf([HEADING, ...rows]);
}
