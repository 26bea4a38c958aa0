/** `orderflow token`: prints a token of the system that `npm start` or compose runs, signed with the key of that system. */
import { parseArgs } from 'node:util';
import { CUSTOMER_ID, CUSTOMER_ID_RULE } from '@orderflow/contracts';
import { SetupError, signToken, type TokenClaims, tokenKeyIn } from '@orderflow/local';
import { dataFolder } from './demo/running-system.ts';

const ROLES = ['operator', 'admin', 'monitor'] as const;
const USUAL_MINUTES = 60;
const MOST_MINUTES = 525_600;

export const usage = `Usage: orderflow token (--customer ID | --role ${ROLES.join(' | ')}) [--as NAME] [--minutes ${USUAL_MINUTES}]

Prints a token for a system that asks its callers for one (AUTH=on), to be sent as "authorization: Bearer <token>".
It is signed with the key that \`npm start\` or compose has made; an identity provider gives out tokens of its own.

  --customer ID    a customer: places orders, and reads and cancels the own ones
  --role operator  reads everything, retries dead letters, changes products
  --role admin     also discards and settles, and breaks the sandbox
  --role monitor   reads /metrics
  --as NAME        the name of an operator in the log of actions, by default the role
  --minutes N      the time until it expires, up to ${MOST_MINUTES}
  --keys FOLDER    where the key is kept, by default that of \`npm start\``;

const options = {
  customer: { type: 'string' },
  role: { type: 'string' },
  as: { type: 'string' },
  minutes: { type: 'string' },
  keys: { type: 'string' },
} as const;

type Flags = { readonly [Name in keyof typeof options]?: string };

export async function main(args: readonly string[]): Promise<number> {
  const flags: Flags = parseArgs({ args: [...args], options }).values;
  const claims = { ...callerOf(flags), minutes: minutesOf(flags.minutes) };
  console.log(await signToken(await tokenKeyIn(flags.keys ?? dataFolder), claims));
  return 0;
}

function callerOf({ customer, role: named, as }: Flags): Pick<TokenClaims, 'subject' | 'role'> {
  if ((customer === undefined) === (named === undefined))
    throw new SetupError('Name a customer or a role, such as --customer ada or --role operator.');
  if (customer !== undefined) {
    // The services refuse a token whose customer can have no order.
    if (!CUSTOMER_ID.test(customer)) throw new SetupError(`--customer is the id of a customer: it ${CUSTOMER_ID_RULE}`);
    return { subject: customer, role: 'customer' };
  }
  const role = ROLES.find((known) => known === named);
  if (role === undefined) throw new SetupError(`--role is one of ${ROLES.join(', ')}.`);
  return { subject: as ?? role, role };
}

function minutesOf(text = String(USUAL_MINUTES)): number {
  const minutes = Number(text);
  if (/^\d+$/.test(text) && minutes > 0 && minutes <= MOST_MINUTES) return minutes;
  throw new SetupError(`--minutes is a whole number from 1 to ${MOST_MINUTES}.`);
}
