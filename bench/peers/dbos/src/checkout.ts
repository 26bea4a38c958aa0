import { DBOS } from '@dbos-inc/dbos-sdk';
import { database } from './database.js';
import { isOutOfStock, subtractStock, undoSubtractStock } from './inventory.js';
import { notify } from './notifications.js';
import type { Order, Outcome } from './order.js';
import { createOrder, decideOrder, settleOrder } from './orders.js';
import { charge, recordPayment } from './payments.js';

// 1, 2, 4 s and so on. Then the workflow has failed, and waits for an operator.
const RETRIES = { retriesAllowed: true, maxAttempts: 10 };

async function confirm(order: Order, chargeId: string | null): Promise<Outcome> {
  await database.runTransaction(
    async () => {
      await recordPayment(order, chargeId);
      await decideOrder(order.orderId, 'confirmed');
    },
    { name: 'confirmOrder' },
  );
  return 'confirmed';
}

async function cancel(order: Order, isSubtracted: boolean): Promise<Outcome> {
  await database.runTransaction(
    async () => {
      await decideOrder(order.orderId, 'cancelled');
      if (isSubtracted) await undoSubtractStock(order);
    },
    { name: 'cancelOrder' },
  );
  return 'cancelled';
}

async function decide(order: Order): Promise<Outcome> {
  try {
    await subtractStock(order);
  } catch (error) {
    if (!isOutOfStock(error)) throw error;
    return cancel(order, false);
  }
  const { status, chargeId } = await DBOS.runStep(() => charge(order), { name: 'charge', ...RETRIES });
  return status === 'captured' ? confirm(order, chargeId) : cancel(order, true);
}

/** The whole saga. Each transaction is run once; a step that was cut off is run again. */
export const checkout = DBOS.registerWorkflow(
  async (order: Order): Promise<void> => {
    await createOrder(order);
    const outcome = await decide(order);
    await DBOS.runStep(() => notify(order, outcome), { name: 'notify', ...RETRIES });
    await settleOrder(order.orderId);
  },
  { name: 'checkout' },
);
