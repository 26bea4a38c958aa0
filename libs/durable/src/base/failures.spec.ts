import { describe, expect, it } from '@jest/globals';
import { isConflict, isRefusedByDatabase, reasonOf } from './failures.js';

const databaseError = (code: string) => Object.assign(new Error('no'), { code });

describe('a failure', () => {
  it.each(['40001', '40P01', '23505'])('is a conflict when another transaction was in the way: %s', (code) =>
    expect(isConflict(databaseError(code))).toBe(true),
  );

  it.each(['23514', '22P02', '22021', '23505'])(
    'is a refusal of the batch when the database refuses its data: %s',
    (code) => expect(isRefusedByDatabase(databaseError(code))).toBe(true),
  );

  it.each([
    databaseError('57P01'),
    databaseError('ECONNREFUSED'),
    databaseError('42601'),
    new Error('x'),
    null,
    '23514',
  ])('is neither of the two when it is anything else: %p', (error) =>
    expect([isConflict(error), isRefusedByDatabase(error)]).toEqual([false, false]),
  );

  it('has a reason of at most 500 characters, whatever was thrown', () => {
    expect(reasonOf(new TypeError('x'.repeat(1000)))).toHaveLength(500);
    expect([reasonOf(new TypeError('bad')), reasonOf('text'), reasonOf(undefined)]).toEqual([
      'TypeError: bad',
      'text',
      'undefined',
    ]);
  });
});
