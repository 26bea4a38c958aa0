import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import { randomUUID } from 'node:crypto';
import { Mailer, type MailerSettings } from '../src/adapters/mailer.js';
import { callFor, from, outcomeOf, settings } from './a-mail.js';
import { type Postfix, startPostfix, withoutPostfix } from './postfix.js';

if (withoutPostfix) console.log(`Not checked: the replies of a real mail server. ${withoutPostfix}.`);

const RECIPIENTS = `
  {full@shop.test = 552 5.2.2 mailbox full},
  {over@shop.test = 452 4.2.2 mailbox full for now},
  {greylisted@shop.test = 450 4.7.1 greylisted},
  {listed@shop.test = 554 5.7.1 client host blocked}`;

const SETTINGS = [
  'local_recipient_maps = regexp:{ {!/^unknown@/ known} }',
  'smtpd_recipient_restrictions =',
  '  check_sender_access inline:{ blocked@shop.example=REJECT },',
  `  check_recipient_access inline:{ ${RECIPIENTS.replaceAll('\n', ' ')} },`,
  '  permit_mynetworks, reject',
  'message_size_limit = 20000',
];

(withoutPostfix ? describe.skip : describe)("Debian's Postfix", () => {
  let postfix: Postfix;
  let mailers: Mailer[];

  beforeAll(async () => {
    mailers = [];
    postfix = await startPostfix(SETTINGS);
  }, 60_000);
  afterEach(() => {
    for (const mailer of mailers.splice(0)) mailer.onApplicationShutdown();
  });
  afterAll(() => postfix.stop());

  function mailerOf(over: Partial<MailerSettings> = {}): Mailer {
    const mailer = new Mailer({ ...settings, url: postfix.url, ...over });
    mailers.push(mailer);
    return mailer;
  }
  const send = (to: string, over: Partial<MailerSettings> = {}) =>
    outcomeOf(mailerOf(over), callFor(randomUUID(), { to }));

  const later = { when: 'after', ms: settings.operatorMs, waitsFor: 'operator' };
  const deferred = { when: 'after', ms: settings.retryMs, waitsFor: 'other-side' };

  it('accepts a mail, and delivers it once', async () => {
    expect(await send('"ada lovelace"@shop.test')).toMatchObject({ type: 'RecordAccepted' });
    await eventually(async () =>
      expect((await postfix.deliveries()).filter((to) => to.includes('lovelace'))).toHaveLength(1),
    );
  });

  it.each<[string, string, unknown]>([
    ['an unknown mailbox', 'unknown@shop.test', { type: 'RecordRefused' }],
    ['a full mailbox', 'full@shop.test', { type: 'RecordRefused' }],
    ['a mailbox that is full for now', 'over@shop.test', deferred],
    ['greylisting', 'greylisted@shop.test', deferred],
    ['a blocklist', 'listed@shop.test', later],
  ])('says of %s what the table expects', async (_, to, outcome) => {
    expect(await send(to)).toMatchObject(outcome as object);
  });

  it('refuses a sender only at the recipient, and no mail is lost', async () => {
    const blocked = { ...from, address: 'blocked@shop.example' };
    expect(await send('ada@shop.test', { from: blocked })).toEqual(later);
  });

  it('takes 200 mails, of which one has a full mailbox and delays no other', async () => {
    const mailer = mailerOf();
    const recipients = Array.from({ length: 200 }, (_, i) =>
      i === 100 ? 'full@shop.test' : `customer-${i}@shop.test`,
    );
    const waiting = recipients.values();
    const outcomes: unknown[] = [];
    const sender = async () => {
      for (const to of waiting) outcomes.push(await outcomeOf(mailer, callFor(randomUUID(), { to })));
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    const types = Map.groupBy(outcomes, (outcome) => (outcome as { type?: string }).type);
    expect(Object.fromEntries([...types].map(([type, { length }]) => [type, length]))).toEqual({
      RecordAccepted: 199,
      RecordRefused: 1,
    });
    await eventually(async () => {
      const customers = (await postfix.deliveries()).filter((to) => to.startsWith('customer-'));
      expect(customers.toSorted()).toEqual(recipients.filter((to) => to.startsWith('customer-')).toSorted());
    }, 30_000);
  }, 60_000);

  it('is not slowed down by many unknown recipients', async () => {
    const mailer = mailerOf();
    const outcomes: unknown[] = [];
    // More than the errors after which Postfix ends a session (smtpd_hard_error_limit, 20).
    for (let i = 0; i < 30; i += 1)
      outcomes.push(await outcomeOf(mailer, callFor(randomUUID(), { to: 'unknown@shop.test' })));
    expect(outcomes.every((outcome) => (outcome as { type?: string }).type === 'RecordRefused')).toBe(true);
    expect(await outcomeOf(mailer, callFor(randomUUID(), { to: 'ada@shop.test' }))).toMatchObject({
      type: 'RecordAccepted',
    });
  }, 60_000);
});

(withoutPostfix ? describe.skip : describe)('Postfix with limits', () => {
  it('ends connections above its limit with a 421, and all mails wait', async () => {
    const postfix = await startPostfix([
      ...SETTINGS,
      'smtpd_client_connection_count_limit = 1',
      'smtpd_client_event_limit_exceptions =',
      'message_size_limit = 300',
    ]);
    const mailer = new Mailer({ ...settings, url: postfix.url });
    try {
      const both = ['ada@shop.test', 'eve@shop.test'].map((to) => outcomeOf(mailer, callFor(randomUUID(), { to })));
      // The one that is let in is too large, which is no fault of its recipient.
      expect(await Promise.all(both)).toEqual(
        expect.arrayContaining([{ when: 'pause' }, { when: 'after', ms: settings.operatorMs, waitsFor: 'operator' }]),
      );
    } finally {
      mailer.onApplicationShutdown();
      await postfix.stop();
    }
  }, 60_000);
});
