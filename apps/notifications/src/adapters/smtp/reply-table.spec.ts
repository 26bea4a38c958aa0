import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  actionFor,
  actions,
  type NoReply,
  phases,
  type Reply,
  replyTable,
  type Row,
  readReply,
} from './reply-table.js';

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/mail.md'), 'utf8');

/** The rows of the page's tables, without the blanks that align them. */
const written = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

const phasesOf = ({ phases: some }: Row): string => (some === phases ? 'any' : some.join(', '));

/** A reply that the pattern is about. */
function example(pattern: string): Reply | NoReply {
  if (pattern === 'cut' || pattern === 'silence') return pattern;
  if (pattern.includes('.')) return { code: '550', enhanced: pattern.replace('x', '2') };
  return { code: pattern.replace('xx', '99'), enhanced: undefined };
}

describe('the table of replies', () => {
  it('is the one in docs/mail.md', () => {
    const rows = replyTable.map((row) => [
      phasesOf(row),
      row.replies.map((reply) => `\`${reply}\``).join(', '),
      row.action,
      row.because,
    ]);
    expect(written).toEqual(expect.arrayContaining(rows));
    expect(written.filter(([, , action = '']) => action in actions)).toHaveLength(rows.length);
  });

  it('has its actions in docs/mail.md', () => {
    expect(written).toEqual(
      expect.arrayContaining(Object.entries(actions).map(([action, text]) => [`\`${action}\``, text])),
    );
  });

  it.each(replyTable)('decides $replies in $phases: $action', ({ phases: some, replies, action }) => {
    for (const phase of some) for (const pattern of replies) expect(actionFor(phase, example(pattern))).toBe(action);
  });

  // proves: notifications: a refusal is final only where its enhanced code names the recipient
  it('loses no mail to a refusal that speaks of something else than the recipient', () => {
    const others = ['5.1.0', '5.1.7', '5.1.8', '5.1.11', '5.3.4', '5.4.4', '5.5.0', '5.6.0', '5.7.1', undefined];
    for (const enhanced of others)
      for (const phase of ['recipient', 'data', 'content'] as const)
        expect([enhanced, actionFor(phase, { code: '550', enhanced })]).toEqual([enhanced, 'operator']);
  });

  it('believes the basic code of a reply that contradicts itself', () => {
    expect(actionFor('recipient', { code: '450', enhanced: '5.1.1' })).toBe('deferred');
    expect(actionFor('recipient', { code: '550', enhanced: '4.1.1' })).toBe('operator');
  });

  it('asks an operator about replies that are no refusals', () => {
    expect(actionFor('data', { code: '250', enhanced: undefined })).toBe('operator');
  });
});

describe('a reply', () => {
  it.each([
    ['550 5.1.1 no such user', { code: '550', enhanced: '5.1.1' }],
    ['550-5.1.10 null MX\n550 5.1.10 really', { code: '550', enhanced: '5.1.10' }],
    ['450 later', { code: '450', enhanced: undefined }],
    ['550 5.1 is no code', { code: '550', enhanced: undefined }],
  ])('is read by its codes: %j', (text, reply) => {
    expect(readReply(text)).toEqual(reply);
  });

  it('is none without a code', () => {
    expect([undefined, '', 'hello'].map(readReply)).toEqual([undefined, undefined, undefined]);
  });
});
