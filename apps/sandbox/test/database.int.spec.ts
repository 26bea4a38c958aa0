import { beforeAll, expect, it } from '@jest/globals';
import { ServiceUnavailable } from '@orderflow/http';
import { TestDatabase } from '@orderflow/testing';
import { Database } from '../src/database.js';

const own = new TestDatabase('sandbox');
let database: Database;

beforeAll(() => {
  database = new Database(own.url);
  own.beforeDrop(() => database.onApplicationShutdown());
});

it('survives the loss of a connection between two statements of a transaction', async () => {
  const broken = database.transaction(async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const lost = new Promise((resolve) => client.once('end', resolve));
    await database.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
    await lost;
    await client.query('SELECT 1');
  });
  await expect(broken).rejects.toThrow(ServiceUnavailable);
  await database.ping();
});
