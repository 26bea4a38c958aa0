import { styleText } from 'node:util';
import type { RunningSystem } from './running-system.ts';
import { catalogue, type Scenario, scenariosFor } from './scenarios.ts';
import { type Order, Shop } from './shop.ts';
import { tableOf } from './table.ts';
import { Timeline } from './timeline.ts';
import { faultsOf } from './verify.ts';

/** Time that an order may take beyond its deadline: the provider's silence, the next ask, the refund, the mails. */
const GRACE_MS = 60_000;

const HEADING = ['order', 'expected', 'status', 'reason', 'stock', 'payment', 'settled', 'mails', 'seconds'];

interface Outcome {
  scenario: Scenario;
  order: Order;
  mails: string[];
  seconds: number;
  /** What is not as it should be, each a sentence. */
  faults: string[];
}

/** Places one order of each outcome, prints what happens to each, then a table; true when all ended as they should. */
export async function play(system: RunningSystem): Promise<boolean> {
  const shop = new Shop(system.urls);
  const run = Date.now().toString(36);
  for (const { wanted, ...product } of catalogue) await shop.stockUp(product, wanted, `demo-${run}-${product.sku}`);
  const timeline = await Timeline.start(system);
  const outcomes: Outcome[] = [];
  try {
    const scenarios = scenariosFor(system.orderDeadlineSeconds);
    for (const [index, scenario] of scenarios.entries()) {
      const onPlaced = (orderId: string, since: number) => {
        const title = styleText('bold', `${index + 1} of ${scenarios.length}  ${scenario.title}`);
        console.log(`\n${title}  ${styleText('dim', orderId)}`);
        timeline.watch(orderId, since);
      };
      outcomes.push(await playOne(scenario, shop, onPlaced, system.orderDeadlineSeconds * 1000 + GRACE_MS));
      await timeline.quiet();
    }
  } finally {
    await timeline.stop();
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
