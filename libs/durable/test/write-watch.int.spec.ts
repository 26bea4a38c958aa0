import { describe, expect, it } from '@jest/globals';
import { TestDatabase } from '@orderflow/testing';
import { Database } from '../src/store/database.js';
import { PostgresStore } from '../src/store/postgres-store.js';

const own = new TestDatabase('payments', 'test');

/** The store of one process, and a batch that fills a page of the inbox. */
function open() {
  const database = own.ending(new Database(own.url, 'test'));
  const store = new PostgresStore(database, own.url);
  const connection = own.ending(store.batches('consumer'));
  const batch = () =>
    connection.transaction((sql) =>
      sql.query(`INSERT INTO inbox (consumer, event_id) VALUES ('a', gen_random_uuid())`),
    );
  return { database, store, batch };
}

/** The disk is full, and so many rows still fit into the pages that are there. Every read succeeds. */
const fullAfter = (rows: number) => `
  CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT count(*) FROM written) > ${rows} THEN
      RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NULL; END $$;
  CREATE TRIGGER full_disk AFTER INSERT ON inbox REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION full_disk()`;

describe('a service whose database answers', () => {
  it('is ready while it takes writes, also after a batch that it refuses for its content', async () => {
    const { store, batch } = open();
    await batch();
    store.writes.failed({ code: '23514' });
    await expect(store.writes.probe()).resolves.toBeUndefined();
  });

  it('is not ready while its disk is full, and ready by itself once there is space', async () => {
    const { database, store, batch } = open();
    await database.query(fullAfter(0));
    await expect(batch()).rejects.toThrow('No space left');
    await expect(store.writes.probe()).rejects.toThrow('the database takes no writes: error: could not extend file');
    await database.query('DROP TRIGGER full_disk ON inbox');
    await expect(store.writes.probe()).resolves.toBeUndefined();
    expect(await database.query('SELECT 1 FROM inbox')).toEqual([]);
  });

  it('is not ready while its disk is full, although a small batch still finds room in a page', async () => {
    const { database, store, batch } = open();
    await database.query(fullAfter(1));
    store.writes.failed({ code: '53100' });
    await batch();
    await expect(store.writes.probe()).rejects.toThrow('the database takes no writes: error: could not extend file');
  });

  it('is not ready while it is read-only, as a replica before its promotion', async () => {
    const { database, store } = open();
    await database.query(
      'ALTER DATABASE ' + new URL(own.url).pathname.slice(1) + ' SET default_transaction_read_only = on',
    );
    await database
      .query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()')
      // It ends its own session too.
      .catch(() => undefined);
    await expect(store.writes.probe()).rejects.toThrow(/read-only|terminat/);
    await expect(store.writes.probe()).rejects.toThrow('read-only');
  });
});
