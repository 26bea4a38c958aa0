import { parseConfig, serviceEnv } from '@orderflow/config';
import { z } from 'zod';

const schema = z.object(serviceEnv(3002));

export type Config = z.output<typeof schema>;

export const readConfig = (): Config => parseConfig(schema);
