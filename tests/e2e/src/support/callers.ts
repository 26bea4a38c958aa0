import { newTokenKeys, signToken, type TokenClaims, type TokenKeys } from '@orderflow/local';

const MINUTES = 60;

/** The tokens of a system with a login. */
export class Tokens {
  private constructor(readonly keys: TokenKeys) {}

  static async new(): Promise<Tokens> {
    return new Tokens(await newTokenKeys());
  }

  async of(role: TokenClaims['role'], subject: string = role, minutes = MINUTES): Promise<string> {
    return signToken(this.keys.privateKey, { subject, role, minutes });
  }
}

export const callers = [
  'nobody',
  'bad signature',
  'expired',
  'customer',
  'other customer',
  'monitor',
  'operator',
  'admin',
] as const;

export type CallerName = (typeof callers)[number];

/** The token of each caller. The first three would be an admin, if their tokens were good. */
export async function tokensOfCallers(
  tokens: Tokens,
  customers: { readonly customer: string; readonly other: string },
): Promise<Readonly<Record<CallerName, string | undefined>>> {
  const { privateKey } = (await Tokens.new()).keys;
  return {
    nobody: undefined,
    // By another key that calls itself by the id of the right one.
    'bad signature': await signToken(
      { ...privateKey, kid: tokens.keys.privateKey.kid! },
      { subject: 'admin', role: 'admin', minutes: MINUTES },
    ),
    expired: await tokens.of('admin', 'admin', -1),
    customer: await tokens.of('customer', customers.customer),
    'other customer': await tokens.of('customer', customers.other),
    monitor: await tokens.of('monitor'),
    operator: await tokens.of('operator'),
    admin: await tokens.of('admin'),
  };
}
