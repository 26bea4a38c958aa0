import { parseConfig, seconds, serviceEnv } from '@orderflow/config';
import { z } from 'zod';

const schema = z.object({
  ...serviceEnv(3001),
  ORDER_DEADLINE_SECONDS: seconds(60),
});

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => parseConfig(schema);
