import { styleText } from 'node:util';
import { type ServiceUrls, SystemClient } from '@orderflow/client';
import { catalogue, type Scenario, scenariosFor } from './scenarios.ts';
import { tableOf } from './table.ts';
import { type Evidence, faultsOf } from './verify.ts';
import type { Watcher } from './watcher.ts';

/** Time that an order may take beyond its deadline: the provider's silence, the next attempt, the refund, the mails. */
const GRACE_MS = 60_000;

const HEADING = ['order', 'expected', 'status', 'reason', 'stock', 'payment', 'settled', 'mails', 'seconds'];

/** Where the orders are placed. */
export interface Stage {
  readonly urls: ServiceUrls;
  /** An operator's, where the system asks for one. */
  readonly token: string | undefined;
  /** The deadline of the system; undefined where it is unknown. */
  readonly orderDeadlineSeconds: number | undefined;
}

// The default of the orders service.
const USUAL_DEADLINE_SECONDS = 60;

interface Outcome extends Evidence {
  seconds: number;
  /** Differences from the expected outcome, each a sentence. */
  faults: string[];
}

/** Places one order of each outcome, prints the progress of each, then a table. @returns whether all ended as expected */
export async function play(
  { urls, token, orderDeadlineSeconds }: Stage,
  watcherOf: (client: SystemClient) => Promise<Watcher> | Watcher,
): Promise<boolean> {
  const client = new SystemClient(urls, token);
  for (const { wanted, ...product } of catalogue) await client.stockUp(product, wanted);
  const timeoutMs = (orderDeadlineSeconds ?? USUAL_DEADLINE_SECONDS) * 1000 + GRACE_MS;
  const watcher = await watcherOf(client);
  const outcomes: Outcome[] = [];
  try {
    const scenarios = scenariosFor(orderDeadlineSeconds);
    for (const [index, scenario] of scenarios.entries()) {
      const onPlaced = (orderId: string, since: number) => {
        const title = styleText('bold', `${index + 1} of ${scenarios.length}  ${scenario.title}`);
        console.log(`\n${title}  ${styleText('dim', orderId)}`);
        watcher.watch(orderId, since);
      };
      outcomes.push(await playOne(scenario, client, onPlaced, timeoutMs));
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
  client: SystemClient,
  onPlaced: (orderId: string, since: number) => void,
  timeoutMs: number,
): Promise<Outcome> {
  const { title, lines, paymentToken, cancels } = scenario;
  const stockNow = async () => Promise.all(lines.map(async ({ sku }) => client.product(sku)));
  const before = await stockNow();
  const since = Date.now();
  const orderId = await client.place({ customerId: 'demo', email: 'customer@example.com', lines, paymentToken });
  onPlaced(orderId, since);
  if (cancels) {
    await client.orderWhen(orderId, ({ stock }) => stock !== 'pending', timeoutMs, 50);
    await client.cancel(orderId);
  }
  const order = await client.orderWhen(orderId, ({ settled }) => settled, timeoutMs, 50);
  const seconds = (Date.now() - since) / 1000;
  const [after, charges, arrived] = await Promise.all([stockNow(), client.charges(orderId), client.mails(orderId)]);
  const mails = arrived.map(({ template }) => String(template));
  const evidence = { scenario, order, before, after, charges, mails };
  const faults = faultsOf(evidence).map((fault) => `${title}: ${fault} (order ${orderId})`);
  return { ...evidence, seconds, faults };
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
