import { databaseUrl, edgeEnv, host, oneOf, port, seconds } from '@orderflow/config';
import { z } from 'zod';
import { amountConventions } from './payments/amounts.js';

export const configSchema = z.object({
  HOST: host(),
  PORT: port(3005),
  ...edgeEnv,
  SMTP_PORT: port(3025),
  DATABASE_URL: databaseUrl,
  /** Delay of the answer to `tok_slow`. */
  SLOW_SECONDS: seconds(3),
  /** Silence after the charge of `tok_timeout`: longer than an order's deadline. */
  SILENCE_SECONDS: seconds(65),
  /** How the payment provider writes amounts. */
  PAYMENT_PROVIDER_AMOUNTS: oneOf(amountConventions, 'iso'),
});

export type SandboxConfig = z.output<typeof configSchema>;
