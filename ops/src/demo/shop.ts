import { setTimeout as sleep } from 'node:timers/promises';
import { demand, HttpError } from '@orderflow/client';
import { reasonOf, SetupError } from '@orderflow/local';

/** What the console says of a day, as far as it is read here. */
interface Day {
  readonly state: 'under_way' | 'stopped' | 'over';
  readonly orders: number;
  readonly accepted: number;
  readonly refused: number;
  readonly why: string | null;
}

// The console takes commands from its own pages alone; a program is none of another origin.
const headers = { 'x-console': '1' };
const POLL_MS = 500;
const SAY_EVERY_MS = 5_000;
const CONFLICT = 409;

/**
 * Lets the console play a day at the shop, and prints how far it is; Ctrl-C stops the day.
 * @param ordersPerMinute by default as many as make the day last two minutes
 * @param token of an operator, where the console asks for one
 * @returns whether every order was accepted
 * @throws SetupError while another day is under way
 */
export async function playShop(
  consoleUrl: string,
  ordersPerMinute: number | undefined,
  token: string | undefined,
): Promise<boolean> {
  const url = `${consoleUrl}/api/day`;
  const json = ordersPerMinute === undefined ? {} : { ordersPerMinute };
  const { orders } = await demand<Day>(url, { json, headers, token }).catch(refused);
  console.log(`A day at the shop: ${orders} orders, at ${consoleUrl}. Ctrl-C ends it early.`);
  const stop = () => {
    demand(`${url}/stop`, { method: 'POST', headers, token }).catch((error: unknown) => console.error(reasonOf(error)));
  };
  process.once('SIGINT', stop);
  try {
    return await follow(url, token);
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

async function follow(url: string, token: string | undefined): Promise<boolean> {
  let saidAt = Date.now();
  for (;;) {
    const day = await demand<Day>(url, { token });
    const isOver = day.state !== 'under_way';
    if (isOver || Date.now() - saidAt >= SAY_EVERY_MS) {
      console.log(wordsOf(day));
      saidAt = Date.now();
    }
    if (isOver) return day.state === 'over' && day.refused === 0;
    await sleep(POLL_MS);
  }
}

const endings = { under_way: '', stopped: 'Stopped: ', over: 'Over: ' };

function wordsOf({ state, orders, accepted, refused: notPlaced, why }: Day): string {
  const reason = notPlaced === 0 ? '' : `, ${notPlaced} refused; the last one: ${why}`;
  return `${endings[state]}${accepted} of ${orders} orders placed${reason}`;
}

function refused(error: unknown): never {
  if (error instanceof HttpError && error.status === CONFLICT)
    throw new SetupError(
      'A day at the shop is under way: there is one at a time, and its page is the first of the console.',
    );
  throw error;
}
