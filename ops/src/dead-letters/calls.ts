import { SetupError } from '@orderflow/local';
import { type CallAddress, callAddressOf, type DeadLetterClient } from './client.ts';
import { callDetails, callLogTable, callTable } from './format.ts';
import { type Flags, numberOf } from './options.ts';

/** An answer as JSON, and in words. */
export type Printed = readonly [answer: unknown, text: string];

const MOST = 50;

/** The calls that fail; `--order` and `--state` select some of them. */
export async function listCalls(client: DeadLetterClient, { order, state, limit }: Flags): Promise<Printed> {
  const filter = { ...(order !== undefined && { orderId: order }), ...(state !== undefined && { state }) };
  const calls = await client.calls(filter, numberOf('limit', limit) ?? MOST);
  return [calls, calls.length === 0 ? 'No call fails.' : callTable(calls)];
}

export async function showCall(client: DeadLetterClient, address: CallAddress): Promise<Printed> {
  const call = await client.showCall(address);
  return [call, callDetails(call)];
}

export async function retryCall(client: DeadLetterClient, address: CallAddress): Promise<Printed> {
  const name = `${address.service}/${address.key}`;
  return [await client.retryCall(address), `Due now, with all its attempts: look again with show ${name}.`];
}

/** @throws SetupError when the call, the settlement or the reason is missing */
export async function settleCall(
  client: DeadLetterClient,
  { reason, reference }: Flags,
  [name, choice]: readonly (string | undefined)[],
): Promise<Printed> {
  const address = callAddressOf(name);
  if (address === undefined || choice === undefined)
    throw new SetupError(
      'Name the call and the settlement, as list prints them, such as payments/refund-<order> void.',
    );
  if (reason === undefined)
    throw new SetupError('--reason is missing: it is kept with the call, such as --reason "refunded in the console".');
  const body = { as: choice, reason, ...(reference !== undefined && { reference }) };
  const call = await client.settleCall(address, body);
  return [call, `Settled as ${choice}. Its history is kept (show ${address.service}/${address.key}).`];
}

export async function logOfCalls(client: DeadLetterClient, { limit }: Flags): Promise<Printed> {
  const actions = await client.callLog(numberOf('limit', limit) ?? MOST);
  return [actions, actions.length === 0 ? 'No operator has touched a call yet.' : callLogTable(actions)];
}
