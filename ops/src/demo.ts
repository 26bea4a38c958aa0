/** `orderflow demo`: the command line of the demo. */
import { parseArgs } from 'node:util';
import { urlsFrom } from '@orderflow/client';
import { play } from './demo/play.ts';
import { requireRunning } from './demo/running-system.ts';
import { Timeline } from './demo/timeline.ts';
import { ViewWatcher } from './demo/watcher.ts';

export const usage = `Usage: orderflow demo [--url URL]

Places one order of each outcome, prints the events of each, and checks that all of them ended as expected.

  --url URL  the orders service, such as http://localhost:3001; the other services are expected at the next ports

Without --url it uses the system that \`npm start\` keeps up. INVENTORY_URL, PAYMENTS_URL, NOTIFICATIONS_URL and SANDBOX_URL
name services at other addresses. Exit code: 0 all orders ended as expected, 1 otherwise.`;

export async function main(args: readonly string[]): Promise<number> {
  const { url } = parseArgs({ args: [...args], options: { url: { type: 'string' } } }).values;
  return (await (url === undefined ? demoHere() : demoAt(url))) ? 0 : 1;
}

async function demoHere(): Promise<boolean> {
  const running = requireRunning();
  return play(running, () => Timeline.start(running));
}

async function demoAt(url: string): Promise<boolean> {
  const { ORDER_DEADLINE_SECONDS: deadline } = process.env;
  const stage = { urls: urlsFrom(url), orderDeadlineSeconds: deadline ? Number(deadline) : undefined };
  return play(stage, (client) => new ViewWatcher(client));
}
