import { post, Problem, Unreachable } from '../../api/client.js';

/** What one asks for in the form. */
export interface Wish {
  readonly customerId: string;
  readonly email: string;
  readonly currency: string;
  readonly paymentToken: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

export interface Placed {
  readonly orderId: string;
}

/** The payment tokens of the sandbox, with what each does. */
export const tokens: readonly (readonly [token: string, does: string])[] = [
  ['tok_visa', 'is charged at once'],
  ['tok_slow', 'is charged after some seconds'],
  ['tok_declined', 'is declined'],
  ['tok_insufficient_funds', 'is declined: insufficient funds'],
  ['tok_timeout', 'is charged, and answers only after the deadline'],
  ['tok_flaky', 'fails twice, then is charged'],
];

const ASK_AGAIN_MS = 1500;

/**
 * Places an order. When no answer came, whether it was placed is not known: it asks again with the same Idempotency-Key, which
 * never places a second one.
 * @param onUnknown called before each further attempt
 * @throws Problem when it is refused; the reason of `signal` when the reader stops
 */
export async function place(wish: Wish, key: string, onUnknown: () => void, signal: AbortSignal): Promise<Placed> {
  for (;;) {
    try {
      return await post<Placed>('/api/orders', wish, { 'idempotency-key': key });
    } catch (error) {
      const isUnknown = error instanceof Unreachable || (error instanceof Problem && error.status >= 500);
      if (!isUnknown) throw error;
    }
    onUnknown();
    await pause(ASK_AGAIN_MS, signal);
  }
}

const pause = async (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(new DOMException('stopped', 'AbortError'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
