import { SetupError } from '@orderflow/local';
import type { Printed } from './calls.ts';
import { type Address, addressOf, type DeadLetterClient } from './client.ts';
import { expiredTable } from './format.ts';
import { type Flags, numberOf } from './options.ts';

const MOST = 50;

/** The ranges of records that expired unread and that no operator has acknowledged. */
export async function listExpired(client: DeadLetterClient, { limit }: Flags): Promise<Printed> {
  const ranges = await client.expired(numberOf('limit', limit) ?? MOST);
  return [ranges, ranges.length === 0 ? 'No record expired unread.' : expiredTable(ranges)];
}

/** @throws SetupError when the range or the reason is missing */
export async function acknowledgeExpired(
  client: DeadLetterClient,
  { reason, service }: Flags,
  name: string | undefined,
): Promise<Printed> {
  const address: Address = addressOf(name, service);
  if (reason === undefined)
    throw new SetupError('--reason is missing: it is kept with the range, such as --reason "replayed by hand".');
  const range = await client.acknowledge(address, reason);
  return [range, `Acknowledged: the audit and the alert name ${address.service}/${address.id} no more.`];
}
