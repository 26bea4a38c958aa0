import { corsEnv, integer, parseConfig, seconds, secret, serviceEnv } from '@orderflow/config';
import { publicKeySetting } from '@orderflow/encryption';
import { z } from 'zod';

const schema = z.object({
  ...serviceEnv(3001),
  ...corsEnv,
  ORDER_DEADLINE_SECONDS: seconds(60),
  // As long as fewer orders are pending, every order is accepted.
  INTAKE_PENDING_ORDERS: integer(1_000),
  // Shared by all instances. After a change a repeated request places another order.
  IDEMPOTENCY_SECRET: secret,
  // What the sandbox charges at most.
  PAYMENT_MAX_CHARGE_MINOR: integer(1_000_000_000_000, { min: 1 }),
  PAYMENT_TOKEN_PUBLIC_KEY: publicKeySetting,
});

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => parseConfig(schema);
