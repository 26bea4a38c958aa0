import { parseConfig, serviceEnv, url } from '@orderflow/config';
import { z } from 'zod';

const schema = z.object({
  ...serviceEnv(3004),
  SMTP_URL: url('smtp://127.0.0.1:3025', ['smtp:', 'smtps:']),
  MAIL_FROM: z.string().default('Orderflow <orders@orderflow.example>'),
});

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => parseConfig(schema);
