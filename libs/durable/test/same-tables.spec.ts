import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { services } from '@orderflow/contracts';

const read = (service: string, file: string) =>
  readFileSync(join(import.meta.dirname, '../../../prisma', service, file), 'utf8');

describe('the tables of libs/durable', () => {
  it.each([
    'migrations/20261101000000_durable/migration.sql',
    'migrations/20261121000100_dead_letters/migration.sql',
    'migrations/20261129000000_names/migration.sql',
    'migrations/20261130000000_consumed_offsets/migration.sql',
    'migrations/20261130000100_deferred_calls/migration.sql',
    'migrations/20261130000200_contract_migrations/migration.sql',
    'migrations/20261130000400_parked/migration.sql',
    'migrations/20261130000500_inbox_purge/migration.sql',
    'migrations/20261130000500_dead_calls/migration.sql',
    'migrations/20261130000600_expired_ranges/migration.sql',
    'migrations/20261130001000_published_offsets/migration.sql',
    'migrations/20261130001100_waiting_calls/migration.sql',
    'migrations/20261130001200_registry_answers/migration.sql',
    'durable.prisma',
  ])('are the same text in each service: %s', (file) => {
    const texts = services.map((service) => read(service, file));
    expect(new Set(texts).size).toBe(1);
  });
});
