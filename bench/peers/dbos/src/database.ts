import { KnexDataSource } from '@dbos-inc/knex-datasource';
import { config } from './config.js';

/** Records the result of each transaction in the transaction itself, so that a recovered workflow does not run it again. */
export const database = new KnexDataSource('shop', { client: 'pg', connection: config.databaseUrl });
