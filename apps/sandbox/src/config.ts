import { databaseUrl, host, port, seconds } from '@orderflow/config';
import { z } from 'zod';

export const configSchema = z.object({
  HOST: host(),
  PORT: port(3005),
  SMTP_PORT: port(3025),
  DATABASE_URL: databaseUrl,
  /** How long `tok_slow` takes to answer. */
  SLOW_SECONDS: seconds(3),
  /** How long after its charge `tok_timeout` stays silent: longer than an order's deadline. */
  SILENCE_SECONDS: seconds(65),
});

export type SandboxConfig = z.output<typeof configSchema>;
