import { millis, parseConfig, serviceEnv, url } from '@orderflow/config';
import { z } from 'zod';

const schema = z.object({
  ...serviceEnv(3003),
  PAYMENT_PROVIDER_URL: url(),
  PAYMENT_PROVIDER_TIMEOUT_MS: millis(5_000),
});

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => parseConfig(schema);
