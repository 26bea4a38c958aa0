import { join } from 'node:path';
import { demand, eventually, SystemClient } from '@orderflow/client';
import { connected, databaseUrlOf, freePort, startConsole, type System, type TemporaryStack } from '@orderflow/local';
import { type Cost, costOf, demandAudit, pidsOf, type WarmLoad } from '../cost/cost.ts';
import { onOwnSystem, type Prefixes } from '../cost/own-system.ts';

/** `less` is the console without {@link NEWEST_INDEXES}. */
export type Mode = 'off' | 'on' | 'less';

const NEWEST_INDEXES = ['search_terms_sku', 'search_terms_position'];
const CATCH_UP_MS = 60_000;

async function dropNewestIndexes({ infrastructure }: TemporaryStack, { databasePrefix }: Prefixes): Promise<void> {
  await connected(databaseUrlOf(infrastructure.databaseUrl, `${databasePrefix}console`), async (client) => {
    for (const name of NEWEST_INDEXES) await client.query(`DROP INDEX ${client.escapeIdentifier(name)}`);
  });
}

/** Resolves once the journal has read everything up to now. @param customerId of an order */
export async function untilRead(url: string, client: SystemClient, customerId: string): Promise<void> {
  const { items } = await client.ordersPage({ customerId, limit: '1' });
  const at = new Date().toISOString();
  await eventually(async () => {
    const path = `/api/orders/${items[0]!.orderId}?at=${at}`;
    const { asOf } = await demand<{ asOf: { complete: boolean } }>(url + path);
    return asOf.complete;
  }, CATCH_UP_MS);
}

async function measureBeside(
  stack: TemporaryStack,
  system: System,
  prefixes: Prefixes,
  mode: Exclude<Mode, 'off'>,
  load: WarmLoad,
): Promise<Cost> {
  const { infrastructure } = stack;
  const log = join(stack.dir, 'logs');
  const own = await startConsole({ infrastructure, ...prefixes, urls: system.urls, log, port: await freePort() });
  if (mode === 'less') await dropNewestIndexes(stack, prefixes);
  const client = new SystemClient(system.urls);
  const pids = { ...pidsOf(stack, system), console: own.pid };
  const cost = await costOf(client, pids, load, async (customerId) => untilRead(own.url, client, customerId));
  await demandAudit(stack, prefixes);
  await own.stop();
  return cost;
}

/**
 * Starts a system on empty databases and topics, with or without a console, warms it up, loads it, audits it, and ends it.
 * @param run its own name among the runs on this stack: letters and digits
 */
export async function measureRun(stack: TemporaryStack, run: string, mode: Mode, load: WarmLoad): Promise<Cost> {
  return onOwnSystem(stack, { run, env: {} }, async (system, prefixes) => {
    if (mode !== 'off') return measureBeside(stack, system, prefixes, mode, load);
    const cost = await costOf(new SystemClient(system.urls), pidsOf(stack, system), load);
    await demandAudit(stack, prefixes);
    return cost;
  });
}
