import { describe, expect, it } from '@jest/globals';
import { isConflict, isRefusedByDatabase, reasonOf } from './failures.js';

const databaseError = (code: string) => Object.assign(new Error('no'), { code });

describe('a failure', () => {
  it.each(['40001', '40P01', '23505'])('is a conflict when a concurrent transaction is the reason: %s', (code) =>
    expect(isConflict(databaseError(code))).toBe(true),
  );

  it.each(['23514', '22P02', '22021', '23505'])(
    'is a refusal when the database refuses the data of the batch: %s',
    (code) => expect(isRefusedByDatabase(databaseError(code))).toBe(true),
  );

  it.each([
    databaseError('57P01'),
    databaseError('ECONNREFUSED'),
    databaseError('42601'),
    new Error('x'),
    null,
    '23514',
  ])('is neither a conflict nor a refusal otherwise: %p', (error) =>
    expect([isConflict(error), isRefusedByDatabase(error)]).toEqual([false, false]),
  );

  it('has a reason of at most 500 characters, also when no Error was thrown', () => {
    expect(reasonOf(new TypeError('x'.repeat(1000)))).toHaveLength(500);
    expect([reasonOf(new TypeError('bad')), reasonOf('text'), reasonOf(undefined)]).toEqual([
      'TypeError: bad',
      'text',
      'undefined',
    ]);
  });
});
