import { describe } from '@jest/globals';
import { Database, PostgresStore } from '@orderflow/durable';
import { TestDatabase } from '@orderflow/testing';
import { isAStore } from './store-contract.js';

const own = new TestDatabase('payments', 'test');

describe('the store in PostgreSQL', () => {
  const store = (name: string) => new PostgresStore(own.ending(new Database(own.url, name)), own.url);
  isAStore(async () => ({ one: store('one'), two: store('two'), end: async () => undefined }));
});
