import { join } from 'node:path';
import { SystemClient } from '@orderflow/client';
import { type Auth, keptTokenKeys, signToken, type TemporaryStack } from '@orderflow/local';
import { type Cost, costOf, demandAudit, pidsOf, type WarmLoad } from '../cost/cost.ts';
import { onOwnSystem } from '../cost/own-system.ts';

/** Of the token that places the orders; it is longer than a run. */
const TOKEN_MINUTES = 60;

/**
 * Starts a system on empty databases and topics, warms it up, loads it, audits it, and ends it.
 * @param run its own name among the runs on this stack: letters and digits
 * @param tokens whether callers need one
 */
export async function measureRun(stack: TemporaryStack, run: string, tokens: boolean, load: WarmLoad): Promise<Cost> {
  const { keySetFile, privateKey } = await keptTokenKeys(join(stack.dir, 'tokens'));
  const claims = { subject: 'secure-cost', role: 'operator', minutes: TOKEN_MINUTES } as const;
  const [auth, token]: [Auth, string | undefined] = tokens
    ? [{ keySetFile }, await signToken(privateKey, claims)]
    : ['off', undefined];
  return onOwnSystem(stack, { run, env: {}, auth }, async (system, prefixes) => {
    const cost = await costOf(new SystemClient(system.urls, token), pidsOf(stack, system), load);
    await demandAudit(stack, prefixes);
    return cost;
  });
}
