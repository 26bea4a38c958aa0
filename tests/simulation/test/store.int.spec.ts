import { describe } from '@jest/globals';
import { Database, PostgresStore } from '@orderflow/durable';
import { testDatabase } from '@orderflow/testing';
import { isAStore } from './store-contract.js';

describe('the store in PostgreSQL', () => {
  isAStore(async () => {
    const own = await testDatabase('payments');
    const databases = [new Database(own.url, 'one'), new Database(own.url, 'two')];
    const [one, two] = databases.map((database) => new PostgresStore(database, own.url));
    const end = async () => {
      for (const database of databases) await database.end();
      await own.drop();
    };
    return { one: one!, two: two!, end };
  });
});
