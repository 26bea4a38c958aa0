/**
 * Measures the budgets of the console's pages in a real Chromium, and what the console costs while orders come, on a console of
 * its own whose events this program publishes in place of the services:
 *   npm run console-budgets -- [--orders 10000] [--rate 200] [--seconds 30]
 *   --assert   exit code 1 when a budget is exceeded
 * `orders` are there before. Browser, console, PostgreSQL, Kafka and this program share the machine.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { runAndClean, SetupError } from '@orderflow/local';
import { startBrowser } from '@orderflow/testing/browser';
import type { Browser, Page } from 'playwright-core';
import { readOptions, yardstick } from '../../../bench/src/harness.ts';
import { median, quantile } from '../../../bench/src/statistics.ts';
import { atMost, type Budget, budgetTable, shown } from './budgets.ts';
import { ConsoleAlone } from './console-alone.ts';
import {
  find,
  firstLoad,
  heapOf,
  loadRows,
  newContext,
  openOrder,
  watchFrames,
  watchList,
  watchOrder,
} from './pages.ts';
import type { Smoothness } from './probe.ts';
import { StreamClient } from './streams.ts';

const TIMES = 5;
const WATCHED_ORDERS = 8;
const LISTED_ORDERS = 30;
const ASKED = 200;
const SLOW_BYTES_PER_SECOND = 10_000;
/** In each frame: three rows. */
const SCROLLED_PIXELS = 132;
const KILO = 1000;
const MEGA = 1000 * 1000;

/** Different pauses, so that events do not come in step with the ticks of the stream. */
const someTime = async (): Promise<void> => sleep(300 + Math.random() * 400);

async function measureFirstLoads(browser: Browser, { url }: ConsoleAlone): Promise<Budget[]> {
  const loads: { paint: number; row: number }[] = [];
  for (let time = 0; time < TIMES; time++) loads.push(await firstLoad(browser, url));
  return [
    atMost('first paint, empty cache', median(loads.map(({ paint }) => paint)), 500, 'ms'),
    atMost('first row of the list, empty cache', median(loads.map(({ row }) => row)), 800, 'ms'),
  ];
}

async function measureOpening(page: Page, { url }: ConsoleAlone): Promise<Budget[]> {
  await page.goto(`${url}/orders`);
  const opened: number[] = [];
  for (let row = 0; row < TIMES; row++) opened.push(await openOrder(page, row));
  const found: number[] = [];
  for (let time = 0; time < TIMES; time++) found.push(await find(page, `customer-${time + 1}`));
  return [
    atMost('page of an order, from the click', median(opened), 100, 'ms'),
    shown('search, from the input to the hits', median(found), 'ms'),
  ];
}

/** Asks one after the other. @returns the milliseconds of each answer, and its bytes */
async function ask(paths: readonly string[], url: string): Promise<{ ms: number[]; bytes: number[] }> {
  const asked = { ms: [] as number[], bytes: [] as number[] };
  for (const path of paths) {
    const since = performance.now();
    const answer = await fetch(url + path);
    const { byteLength } = await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`GET ${path} answers ${answer.status}`);
    asked.ms.push(performance.now() - since);
    asked.bytes.push(byteLength);
  }
  return asked;
}

async function measureAnswers({ url }: ConsoleAlone, orderIds: readonly string[]): Promise<Budget[]> {
  const sample = Array.from({ length: ASKED }, (_, index) => orderIds[(index * 7919) % orderIds.length]!);
  const stories = await ask(
    sample.map((id) => `/api/orders/${id}/story`),
    url,
  );
  const texts = sample.map((id, index) => (index % 2 === 0 ? id : `customer-${index}`));
  const searches = await ask(
    texts.map((text) => `/api/search?q=${text}`),
    url,
  );
  return [
    atMost('answer of story, p99', quantile(stories.ms, 0.99), 15, 'ms', 1),
    atMost('answer of story, largest', Math.max(...stories.bytes) / KILO, 12, 'kB', 1),
    atMost('answer of search, p99', quantile(searches.ms, 0.99), 50, 'ms', 1),
  ];
}

/** From the broker's time of each event until it was shown on the page of its order. */
async function measureEvents(page: Page, own: ConsoleAlone): Promise<Budget[]> {
  const delays: number[] = [];
  for (let order = 0; order < WATCHED_ORDERS; order++) {
    const [placed, ...later] = own.publisher.story();
    const orderId = placed!.subject;
    await own.publisher.publish([placed!]);
    await own.caughtUp(orderId);
    const publishLater = async () => {
      for (const event of later) {
        await someTime();
        await own.publisher.publish([event]);
      }
    };
    const seen = await watchOrder(page, `${own.url}/orders/${orderId}`, publishLater, later.at(-1)!.id);
    const { events } = await own.get<{ events: { id: string; appendedAt: string }[] }>(`/api/orders/${orderId}/story`);
    for (const { id, appendedAt } of events) {
      const shownAt = seen.get(id);
      if (shownAt !== undefined) delays.push(shownAt - Date.parse(appendedAt));
    }
  }
  return [
    atMost('event in the log to the page of its order, p50', median(delays), 150, 'ms'),
    atMost('event in the log to the page of its order, p99', quantile(delays, 0.99), 400, 'ms'),
  ];
}

/** From the broker's time of `OrderPlaced` until the order was shown in the list. */
async function measureListed(page: Page, own: ConsoleAlone): Promise<Budget[]> {
  const orderIds: string[] = [];
  const placeAll = async () => {
    for (let order = 0; order < LISTED_ORDERS; order++) {
      await someTime();
      const [placed] = own.publisher.story();
      await own.publisher.publish([placed!]);
      orderIds.push(placed!.subject);
    }
  };
  const seen = await watchList(page, own.url, placeAll, () => orderIds.at(-1)!);
  const { items } = await own.get<{ items: { orderId: string; placedAt: string }[] }>('/api/orders?limit=100');
  const listed = items.filter(({ orderId }) => orderIds.includes(orderId) && seen.has(orderId));
  const delays = listed.map(({ orderId, placedAt }) => seen.get(orderId)! - Date.parse(placedAt));
  if (delays.length < LISTED_ORDERS) throw new Error(`${delays.length} of ${LISTED_ORDERS} orders were shown`);
  return [atMost('event in the log to the list, p99', quantile(delays, 0.99), 600, 'ms')];
}

const smoothnessOf = (how: string, { longTasks, frames }: Smoothness): Budget[] => [
  atMost(`${how}: tasks longer than 50 ms`, longTasks.length, 3, 'tasks'),
  shown(`${how}: the longest of them`, Math.max(0, ...longTasks), 'ms'),
  atMost(`${how}: frame, p95`, quantile(frames, 0.95), 20, 'ms', 1),
];

async function measureRows(page: Page, own: ConsoleAlone, orders: number, rate: number, seconds: number) {
  await loadRows(page, own.url, orders);
  const before = await heapOf(page);
  const flow = own.publisher.flow(rate, 2 * seconds + 2);
  const still = await watchFrames(page, seconds, 0);
  const scrolled = await watchFrames(page, seconds, SCROLLED_PIXELS);
  const reached = await flow;
  const grown = (await heapOf(page)) - before;
  return [
    shown('load', reached, 'orders/s'),
    ...smoothnessOf(`${orders} rows`, still),
    ...smoothnessOf(`${orders} rows, scrolled`, scrolled),
    atMost(`${orders} rows: growth of the heap`, grown, 30, 'MiB', 1),
  ];
}

/** The memory of the console over some seconds, MiB. */
async function memoryDuring(own: ConsoleAlone, work: Promise<unknown>): Promise<{ end: number; peak: number }> {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(own.memory()), 250);
  await work.finally(() => clearInterval(timer));
  return { end: median(samples.slice(-Math.ceil(samples.length / 4))), peak: Math.max(...samples) };
}

async function measureSlowReader(own: ConsoleAlone, rate: number, seconds: number): Promise<Budget[]> {
  const quick = await StreamClient.open(own.url);
  const without = await memoryDuring(own, own.publisher.flow(rate, seconds));
  const slow = await StreamClient.open(own.url, SLOW_BYTES_PER_SECOND);
  const [bytes, gaps, cpu] = [quick.bytes, quick.gaps.length, own.cpuMs()];
  const beside = await memoryDuring(own, own.publisher.flow(rate, seconds));
  const spent = own.cpuMs();
  slow.close();
  quick.close();
  return [
    atMost('memory of the console: growth beside a slow reader', beside.end - without.end, 20, 'MiB', 1),
    shown('memory of the console: peak', Math.max(without.peak, beside.peak), 'MiB'),
    atMost('another client beside the slow one: gap, p99', quantile(quick.gaps.slice(gaps), 0.99), 500, 'ms'),
    shown('stream of all orders for a client', (quick.bytes - bytes) / KILO / seconds, 'kB/s'),
    shown('read by the slow one', slow.bytes / MEGA, 'MB', 2),
    shown('the slow one was cut off', slow.cuts, 'times'),
    shown('CPU of the console', (spent.console - cpu.console) / 1000 / seconds, 'cores', 2),
    shown('CPU of its PostgreSQL', (spent.postgres - cpu.postgres) / 1000 / seconds, 'cores', 2),
  ];
}

async function measureIdle(own: ConsoleAlone, seconds: number): Promise<Budget[]> {
  const before = own.cpuMs();
  await sleep(seconds * 1000);
  const share = (own.cpuMs().console - before.console) / 10 / seconds;
  return [
    atMost('CPU of the idle console', share, 1, '%', 1),
    atMost('memory of the idle console', own.memory(), 150, 'MiB'),
  ];
}

async function run(): Promise<boolean> {
  const { orders, rate, seconds, assert } = readOptions({ orders: 10_000, rate: 200, seconds: 30, assert: false });
  const browser = await startBrowser();
  if (browser === undefined) throw new SetupError('The optional package @sparticuz/chromium is not installed.');
  const own = await ConsoleAlone.start();
  console.log(`${yardstick()}\nChromium ${browser.version()}, ${orders} orders, then ${rate} orders/s`);
  console.log(`NODE_OPTIONS of the console, as in compose: ${own.nodeOptions}`);
  const budgets: Budget[] = [];
  const measure = async (work: Promise<Budget[]>) => {
    const measured = await Promise.race([work, own.stack.broken]);
    for (const { what, measured: figure } of measured) console.log(`${what}: ${figure}`);
    budgets.push(...measured);
  };
  const orderIds = await own.publisher.backlog(orders);
  await own.caughtUp(orderIds.at(-1)!);
  const page = await (await newContext(browser)).newPage();
  await measure(measureFirstLoads(browser, own));
  await measure(measureOpening(page, own));
  await measure(measureAnswers(own, orderIds));
  await measure(measureEvents(page, own));
  await measure(measureListed(page, own));
  await measure(measureRows(page, own, orders, rate, seconds));
  await browser.close();
  await measure(measureSlowReader(own, rate, seconds));
  await measure(measureIdle(own, seconds));
  console.log(`\n${budgetTable(budgets)}`);
  await own.stop();
  return !assert || budgets.every(({ isKept }) => isKept);
}

await runAndClean(run);
