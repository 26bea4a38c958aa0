import { parseConfig, serviceEnv } from '@orderflow/config';
import { z } from 'zod';

const smtpUrl = z
  .string()
  .refine((text) => URL.canParse(text) && ['smtp:', 'smtps:'].includes(new URL(text).protocol), {
    error: 'must be a URL that begins with smtp:// or smtps://; for example smtp://127.0.0.1:3025',
  });

const schema = z.object({
  ...serviceEnv(3004),
  SMTP_URL: smtpUrl.default('smtp://127.0.0.1:3025'),
  MAIL_FROM: z.string().default('Orderflow <orders@orderflow.example>'),
});

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => parseConfig(schema);
