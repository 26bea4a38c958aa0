/** `orderflow demo`: the command line of the demo. */
import { parseArgs } from 'node:util';
import { urlsFrom, USUAL_CONSOLE_PORT } from '@orderflow/client';
import { SetupError } from '@orderflow/local';
import { tokenOf, tokenUsage } from './caller.ts';
import { play } from './demo/play.ts';
import { requireRunning } from './demo/running-system.ts';
import { playShop } from './demo/shop.ts';
import { Timeline } from './demo/timeline.ts';
import { ViewWatcher } from './demo/watcher.ts';
import { orderDeadlineSeconds } from './order-deadline.ts';

export const usage = `Usage: orderflow demo [--url URL] [--token TOKEN]
       orderflow demo --shop [--rate N] [--url URL] [--token TOKEN]

Places one order of each outcome, prints the events of each, and checks that all of them ended as expected.

  --shop     instead plays a day at the shop: 65 orders with the lines, prices and hot products of a real one, in two minutes
  --rate N   orders a minute of that day, from 1 to 6000
  --url URL  the orders service, such as http://localhost:3001; the other services are expected at the next ports
${tokenUsage}

Without --url it uses the system that \`npm start\` keeps up. INVENTORY_URL, PAYMENTS_URL, NOTIFICATIONS_URL and SANDBOX_URL
name services at other addresses. The console plays the day: CONSOLE_URL names it, by default port ${USUAL_CONSOLE_PORT} of the same host.
Exit code: 0 all orders ended as expected, with --shop all orders were accepted; 1 otherwise.`;

const options = {
  url: { type: 'string' },
  token: { type: 'string' },
  shop: { type: 'boolean' },
  rate: { type: 'string' },
} as const;

export async function main(args: readonly string[]): Promise<number> {
  const { shop = false, rate, ...where } = parseArgs({ args: [...args], options }).values;
  const { url } = where;
  if (rate !== undefined && !shop) throw new SetupError('--rate is the rate of --shop.');
  const consoleUrl = shop ? consoleUrlOf(url) : undefined;
  const token = await tokenOf({ ...where, role: 'operator' });
  if (consoleUrl !== undefined) return (await playShop(consoleUrl, rateFrom(rate), token)) ? 0 : 1;
  return (await (url === undefined ? demoHere(token) : demoAt(url, token))) ? 0 : 1;
}

function rateFrom(rate: string | undefined): number | undefined {
  if (rate === undefined) return undefined;
  const ordersPerMinute = Number(rate);
  if (!(ordersPerMinute >= 1 && ordersPerMinute <= 6_000)) throw new SetupError('--rate is a number from 1 to 6000.');
  return ordersPerMinute;
}

function consoleUrlOf(url: string | undefined): string {
  const { CONSOLE_URL: configured } = process.env;
  if (configured) return configured.replace(/\/+$/, '');
  if (url !== undefined) {
    const { protocol, hostname } = new URL(urlsFrom(url).orders);
    return `${protocol}//${hostname}:${USUAL_CONSOLE_PORT}`;
  }
  const { consoleUrl } = requireRunning();
  if (consoleUrl === undefined) throw new SetupError('The console plays the day, and CONSOLE=off has left it out.');
  return consoleUrl;
}

async function demoHere(token: string | undefined): Promise<boolean> {
  const running = requireRunning();
  return play({ ...running, token }, () => Timeline.start(running));
}

async function demoAt(url: string, token: string | undefined): Promise<boolean> {
  const stage = { urls: urlsFrom(url), token, orderDeadlineSeconds: orderDeadlineSeconds() };
  return play(stage, (client) => new ViewWatcher(client));
}
