import { join } from 'node:path';
import { serviceNames, SystemClient } from '@orderflow/client';
import {
  type Auth,
  databaseUrlAs,
  databaseUrlOf,
  dropDatabase,
  keptTokenKeys,
  signToken,
  type System,
  type TemporaryStack,
} from '@orderflow/local';
import { auditUntilPasses } from '../../../ops/src/audit/audit.ts';
import { cpuTimesOf } from '../load-cpu.ts';
import { stockUp } from '../load-orders.ts';
import { type Load, placeAndSettle } from '../load-run.ts';

const AUDIT_MS = 60_000;
/** Of the token that places the orders; it is longer than a run. */
const TOKEN_MINUTES = 60;

type WarmLoad = Load & { readonly warmUp: number };

/** The figures of one load. */
export interface Cost {
  readonly ordersPerSecond: number;
  /** CPU milliseconds per order of the services, the sandbox, PostgreSQL, Kafka and the registry. */
  readonly cpuMs: number;
}

async function measureSystem(
  { infrastructure }: TemporaryStack,
  system: System,
  load: WarmLoad,
  token: string | undefined,
): Promise<Cost> {
  const client = new SystemClient(system.urls, token);
  await stockUp(client, load.orders + load.warmUp);
  await placeAndSettle(client, 'warm-up', { ...load, orders: load.warmUp });
  const services = serviceNames.map((name) => [name, system.service(name).pid] as const);
  const pids = { ...infrastructure.pids, ...Object.fromEntries(services) };
  const cpuMs = () => Object.values(cpuTimesOf(pids)).reduce((sum, ms) => sum + ms, 0);
  const before = cpuMs();
  const { settledSeconds } = await placeAndSettle(client, 'measured', load);
  const cost = { ordersPerSecond: load.orders / settledSeconds, cpuMs: (cpuMs() - before) / load.orders };
  const orders = await client.orders({ customerId: 'measured', status: 'confirmed' });
  if (orders.length !== load.orders) throw new Error(`${orders.length} of ${load.orders} orders were confirmed`);
  return cost;
}

/** @throws Error with the rules that are broken */
async function audit({ infrastructure }: TemporaryStack, databasePrefix: string): Promise<void> {
  const databaseUrl = databaseUrlAs('ops', infrastructure.databaseUrl, infrastructure.logins);
  const { ok, findings } = await auditUntilPasses({ databaseUrl, databasePrefix }, AUDIT_MS);
  const broken = findings.filter(({ count }) => count > 0).map(({ rule, count }) => `${count} times ${rule}`);
  if (!ok) throw new Error(`the audit fails: ${broken.join(', ')}`);
}

/**
 * Starts a system on empty databases and topics, warms it up, loads it, audits it, and ends it.
 * @param run its own name among the runs on this stack: letters and digits
 * @param tokens whether callers need one
 */
export async function measureRun(stack: TemporaryStack, run: string, tokens: boolean, load: WarmLoad): Promise<Cost> {
  const databasePrefix = `${run}_`;
  const { keySetFile, privateKey } = await keptTokenKeys(join(stack.dir, 'tokens'));
  const claims = { subject: 'secure-cost', role: 'operator', minutes: TOKEN_MINUTES } as const;
  const [auth, token]: [Auth, string | undefined] = tokens
    ? [{ keySetFile }, await signToken(privateKey, claims)]
    : ['off', undefined];
  const system = await stack.startSystem({ databasePrefix, topicPrefix: `${run}.`, env: {}, auth });
  const cost = await Promise.race([measureSystem(stack, system, load, token), stack.broken]);
  await audit(stack, databasePrefix);
  await system.stop();
  // Else the tables of this run would be vacuumed during the next one.
  const { databaseUrl } = stack.infrastructure;
  for (const name of serviceNames) await dropDatabase(databaseUrlOf(databaseUrl, databasePrefix + name));
  return cost;
}
