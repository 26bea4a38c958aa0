import { describe, expect, it } from '@jest/globals';
import { StartError } from '@orderflow/config';
import type pg from 'pg';
import { prepareSession, type SessionSettings } from './session.js';

const EVERY: SessionSettings = {
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  synchronous_commit: 'on',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '0',
};

/** A server whose sessions have these values after they were set. */
const serverWith = (readBack: SessionSettings) => {
  const messages: string[] = [];
  const query = (text: string) => {
    messages.push(text);
    return Promise.resolve([{ rows: [{}] }, { rows: [readBack] }]);
  };
  return { client: { query } as unknown as pg.ClientBase, messages };
};

describe('a session', () => {
  it('is prepared in one message, which sets each setting and reads it back', async () => {
    const { client, messages } = serverWith({ ...EVERY, statement_timeout: '5s' });
    await prepareSession(client, 'db:5432/orders', { statement_timeout: '5s' });
    expect(messages).toHaveLength(1);
    for (const name of Object.keys(EVERY)) {
      expect(messages[0]).toContain(`set_config('${name}', `);
      expect(messages[0]).toContain(`current_setting('${name}')`);
    }
    expect(messages[0]).toContain(`set_config('statement_timeout', '5s', false)`);
  });

  // proves: a session that is not as it must be is not used
  it('is refused when a setting is not what it was set to, in one line with its name and both values', async () => {
    for (const [name, found, wanted] of [
      ['DateStyle', 'German, DMY', 'ISO, MDY'],
      ['TimeZone', 'Asia/Kolkata', 'UTC'],
      ['idle_session_timeout', '0', '15s'],
    ] as const) {
      const { client } = serverWith({ ...EVERY, [name]: found });
      const prepared = prepareSession(client, 'db:5432/orders', { [name]: wanted });
      await expect(prepared).rejects.toThrow(StartError);
      await expect(prepared).rejects.toThrow(
        `in sessions of db:5432/orders the setting ${name} is "${found}" after it was set to "${wanted}"; `,
      );
    }
  });
});
