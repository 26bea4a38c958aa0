import { describe, expect, it } from '@jest/globals';
import { SetupError } from '../index.js';
import { reachKafka, reachPostgres, reachRegistry } from './reuse.js';

/** A port on which nothing listens: one that is only free might be taken meanwhile. `fetch` refuses port 1 itself. */
const CLOSED = 2;

async function refusalOf(reaching: Promise<unknown>): Promise<string> {
  const error = await reaching.catch((it: unknown) => it);
  expect(error).toBeInstanceOf(SetupError);
  return (error as SetupError).message;
}

describe('an unreachable part that runs elsewhere', () => {
  it('is reported for DATABASE_URL in one line without the password', async () => {
    const message = await refusalOf(reachPostgres(`postgres://me:secret@127.0.0.1:${CLOSED}`));
    expect(message).toMatch(
      /^DATABASE_URL: no PostgreSQL at 127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*\): start it, .*unset it.*$/,
    );
    expect(message).not.toContain('secret');
  });

  it('is reported for an invalid DATABASE_URL', async () => {
    expect(await refusalOf(reachPostgres('localhost:5432'))).toMatch(/^DATABASE_URL is not of the form /);
  });

  it('is reported for KAFKA_BROKERS', async () => {
    expect(await refusalOf(reachKafka(`127.0.0.1:${CLOSED}`))).toMatch(/^KAFKA_BROKERS: no Kafka at .*ECONNREFUSED/);
  });

  it('is reported for SCHEMA_REGISTRY_URL', async () => {
    const url = `http://127.0.0.1:${CLOSED}/apis/ccompat/v7`;
    expect(await refusalOf(reachRegistry(url))).toMatch(/^SCHEMA_REGISTRY_URL: no schema registry at .*ECONNREFUSED/);
  });
});
