import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { databaseUrlOf, dropDatabase, migrate } from '@orderflow/local';

const migrations = (service: string): string => join(import.meta.dirname, '../../../prisma', service, 'migrations');

/** A database of its own with a service's tables, on the server of DATABASE_URL: created before the tests, dropped after them. */
export class TestDatabase {
  url = '';
  private readonly ends: (() => Promise<unknown>)[] = [];

  /** @param lasts for all tests of a file, or for one test */
  constructor(
    private readonly service: string,
    lasts: 'file' | 'test' = 'file',
  ) {
    (lasts === 'file' ? beforeAll : beforeEach)(async () => this.open());
    (lasts === 'file' ? afterAll : afterEach)(async () => this.close());
  }

  /** Runs before the database is dropped: the last one that was added comes first. */
  beforeDrop(end: () => Promise<unknown>): void {
    this.ends.push(end);
  }

  /** Ends this before the database is dropped. */
  ending<Part extends { end(): Promise<unknown> }>(part: Part): Part {
    this.beforeDrop(async () => part.end());
    return part;
  }

  private async open(): Promise<void> {
    const server = process.env['DATABASE_URL'];
    if (!server)
      throw new Error('DATABASE_URL is not set: run npm test, or scripts/infra.ts and export what it prints');
    this.url = databaseUrlOf(server, `${this.service}_${randomUUID().replaceAll('-', '')}`);
    await migrate({ databaseUrl: this.url, folder: migrations(this.service) });
  }

  private async close(): Promise<void> {
    for (const end of this.ends.splice(0).toReversed()) await end();
    if (this.url !== '') await dropDatabase(this.url);
  }
}
