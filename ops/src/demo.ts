/**
 * Places one order of each outcome, prints the progress of each, and exits with 0 only if all ended as expected:
 *   npm run demo                                  with the system that `npm start` keeps up
 *   npm run demo -- --url http://localhost:3001   with any system: the URL of its orders, the other services at the next ports
 * ORDERS_URL, INVENTORY_URL, PAYMENTS_URL, NOTIFICATIONS_URL and SANDBOX_URL name services that are elsewhere.
 */
import { parseArgs } from 'node:util';
import { urlsFrom } from '@orderflow/client';
import { reasonOf } from '@orderflow/local';
import { play } from './demo/play.ts';
import { requireRunning } from './demo/running-system.ts';
import { Timeline } from './demo/timeline.ts';
import { ViewWatcher } from './demo/view-watcher.ts';

async function demo(url: string | undefined): Promise<boolean> {
  if (url !== undefined) {
    const { ORDER_DEADLINE_SECONDS: deadline } = process.env;
    const stage = { urls: urlsFrom(url), orderDeadlineSeconds: deadline ? Number(deadline) : undefined };
    return play(stage, (client) => new ViewWatcher(client));
  }
  const running = requireRunning();
  return play(running, () => Timeline.start(running));
}

try {
  const { values } = parseArgs({ options: { url: { type: 'string' } } });
  process.exitCode = (await demo(values.url)) ? 0 : 1;
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
