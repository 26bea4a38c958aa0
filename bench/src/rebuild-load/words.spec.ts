import { describe, expect, it } from '@jest/globals';
import { progressIn, resultIn } from './words.ts';

describe('the progress of a rebuild', () => {
  it('is that of its last whole line', () => {
    const errors = 'fill: 10 of 300 records read\nfill: 300 of 300 records read\ncompare: 5 of';
    expect(progressIn(errors)).toEqual({ phase: 'fill', done: 300, total: 300 });
  });

  it('is unknown before the first line', () => {
    expect(progressIn('')).toBeUndefined();
  });
});

describe('the result of a rebuild', () => {
  it('has the rows of both tables, and the live ones that are wrong or lack an event', () => {
    const output = [
      '500 rows have the same version vector in both tables. Checksum of the live ones 0f, of the others 0e.',
      'Live rows with another content: 3. Live rows that lack a consumed event: 2.',
      '  some-order: status cancelled, rebuilt confirmed',
      'Switched. The table before is kept as replaced.order_views until --drop.',
    ];
    expect(resultIn(output.join('\n'))).toEqual({ rows: 500, wrong: 3, lacking: 2, isDone: true });
  });

  it('of a dry run changes nothing', () => {
    const output = [
      '90 records, search terms and orders are in both tables. Checksum of the live ones 0f, of the others 0f.',
      'Live ones with another content, or without a record: 0. Missing ones: 0.',
      'Nothing was switched (dry run): --yes switches to the other table.',
    ];
    expect(resultIn(output.join('\n'))).toEqual({ rows: 90, wrong: 0, lacking: 0, isDone: false });
  });

  it('of snapshots has one number of those that are wrong or missing', () => {
    const output =
      '500 snapshots were compared with the folds of their events. Not equal, or missing: 4.\nReplaced: 4.\n';
    expect(resultIn(output)).toEqual({ rows: 500, wrong: 4, lacking: 0, isDone: true });
  });

  it('is refused where there is none', () => {
    expect(() => resultIn('another run works on journal')).toThrow('another run works on journal');
  });
});
