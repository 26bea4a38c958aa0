import { join } from 'node:path';
import type { KafkaSecurity } from '@orderflow/kafka';
import {
  type Auth,
  kafkaSecurityAs,
  keptTokenKeys,
  type Logins,
  Security,
  signToken,
  type TokenClaims,
} from '@orderflow/local';

/** Longer than any run. */
const TOKEN_MINUTES = 7 * 24 * 60;

/** How the rig, its customers and the services come in. */
export interface Access {
  /** Makes certificates and logins of the parts; absent in a plain system. */
  readonly security?: Security;
  readonly logins?: Logins;
  /** With which the rig changes topics, and reads and publishes records: that of the brokers' admin. */
  readonly kafka: KafkaSecurity;
  readonly auth: Auth;
  /** By role; none in a plain system. */
  readonly tokens: Readonly<Partial<Record<TokenClaims['role'], string>>>;
}

/** The access to a plain system, which lets everybody in. */
export const plainAccess: Access = { kafka: {}, auth: 'off', tokens: {} };

/** Makes the certificates, logins and tokens of a secure system. @param customerId who places the orders */
export async function secureAccess(dir: string, customerId: string): Promise<Access> {
  const security = await Security.in(join(dir, 'security'));
  const { keySetFile, privateKey } = await keptTokenKeys(join(dir, 'tokens'));
  const tokenOf = async (role: TokenClaims['role'], subject: string) =>
    signToken(privateKey, { subject, role, minutes: TOKEN_MINUTES });
  return {
    security,
    logins: security.logins,
    kafka: await kafkaSecurityAs('admin', security.logins),
    auth: { keySetFile },
    tokens: {
      customer: await tokenOf('customer', customerId),
      operator: await tokenOf('operator', 'chaos'),
      admin: await tokenOf('admin', 'chaos'),
      monitor: await tokenOf('monitor', 'chaos'),
    },
  };
}
