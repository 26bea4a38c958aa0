import { millis, oneOf, parseConfig, serviceEnv, url } from '@orderflow/config';
import { privateKeysSetting } from '@orderflow/encryption';
import { z } from 'zod';
import { amountConventions } from './adapters/provider-amounts.js';

const schema = z.object({
  ...serviceEnv(3003),
  PAYMENT_PROVIDER_URL: url(),
  PAYMENT_PROVIDER_TIMEOUT_MS: millis(5_000),
  /** How the provider writes amounts; it must not change while a charge or refund is under way. */
  PAYMENT_PROVIDER_AMOUNTS: oneOf(amountConventions, 'iso'),
  PAYMENT_TOKEN_PRIVATE_KEYS: privateKeysSetting,
});

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => parseConfig(schema);
