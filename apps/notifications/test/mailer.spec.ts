import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@orderflow/client';
import type { NotAnswered } from '@orderflow/durable';
import { randomUUID } from 'node:crypto';
import { Mailer, type MailerSettings } from '../src/adapters/mailer.js';
import { callFor, never, outcomeOf as outcomeWith, settings } from './a-mail.js';
import { CUT, type Replies, type TinySmtpServer, tinySmtpServer } from './tiny-smtp-server.js';

let server: TinySmtpServer;
let mailer: Mailer;

async function start(replies: Replies = {}, over: Partial<MailerSettings> = {}): Promise<void> {
  server = await tinySmtpServer(replies);
  mailer = new Mailer({ ...settings, url: server.url, ...over });
}
afterEach(() => {
  mailer.onApplicationShutdown();
  server.close();
});

const outcomeOf = (call = callFor(), signal = never): Promise<unknown> => outcomeWith(mailer, call, signal);

/** RFC 5322, 2.2.3: a folded header continues in the next line after a blank. */
const unfolded = (lines: string[]): string[] => lines.join('\n').replaceAll('\n ', ' ').split('\n');

const PIPELINING: Replies = { EHLO: '250-tiny\r\n250 PIPELINING' };

describe('the mailer', () => {
  it('sends one mail with a Message-ID of its own', async () => {
    await start();
    const orderId = randomUUID();
    const answer = await mailer.mail(callFor(orderId), never);
    const messageId = `<order-confirmed.${orderId}@shop.example>`;
    expect(answer).toMatchObject({ type: 'RecordAccepted', orderId, template: 'order-confirmed', messageId });
    expect(server.mails[0]?.recipients).toEqual(['RCPT TO:<ada@example.com>']);
    expect(unfolded(server.mails[0]!.lines)).toEqual(
      expect.arrayContaining([
        'From: Orderflow <orders@shop.example>',
        'To: ada@example.com',
        'Subject: Your order is confirmed',
        `X-Order-ID: ${orderId}`,
        'X-Template: order-confirmed',
        'Auto-Submitted: auto-generated',
        `Message-ID: ${messageId}`,
      ]),
    );
  });

  it('uses the same Message-ID and the same connection when it is called again', async () => {
    await start();
    const orderId = randomUUID();
    const [first, second] = [await mailer.mail(callFor(orderId), never), await mailer.mail(callFor(orderId), never)];
    expect(second).toMatchObject({ messageId: (first as { messageId: string }).messageId });
    expect(server.connections()).toBe(1);
  });

  it.each([
    ['"ada lovelace"@example.com', '"ada lovelace"@example.com'],
    ['a=b&c@example.com', 'a=b&c@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ])('sends to %s', async (to, recipient) => {
    await start();
    await mailer.mail(callFor(randomUUID(), { to }), never);
    expect(server.mails[0]?.recipients).toEqual([`RCPT TO:<${recipient}>`]);
  });

  it.each(['ada@example.com\r\nBcc: eve@example.com', 'ada@example.com, eve@example.com', 'ada', 'a b@example.com'])(
    'refuses %j, which is not one address',
    async (to) => {
      await start();
      expect(await outcomeOf(callFor(randomUUID(), { to }))).toMatchObject({ type: 'RecordRefused' });
      expect(server.connections()).toBe(0);
    },
  );
});

const refused = { type: 'RecordRefused' };
const later = { when: 'after', ms: settings.operatorMs, waitsFor: 'operator' };
const deferred = { when: 'after', ms: settings.retryMs, waitsFor: 'other-side' };
const pause = { when: 'pause' };
const byOperator = { when: 'pause', ms: 60_000 };
const uncertain = { when: 'after', ms: settings.uncertainMs };

describe.each([
  ['one command at a time', {}],
  ['pipelined', PIPELINING],
])('a reply to the mailer, %s', (_, extensions) => {
  it.each<[string, string, unknown]>([
    ['greeting', '554 5.7.1 blocked', byOperator],
    ['greeting', '421 4.3.2 busy', pause],
    ['greeting', CUT, pause],
    ['MAIL', '550 5.7.1 sender refused', byOperator],
    ['MAIL', '452 4.3.1 no space', pause],
    ['RCPT', '550 5.1.1 no such user', refused],
    ['RCPT', '552 5.2.2 mailbox full', refused],
    ['RCPT', '554 5.7.1 client host rejected', later],
    ['RCPT', '550 no such user', later],
    ['RCPT', '450 4.2.0 greylisted', deferred],
    ['RCPT', '452 4.2.2 mailbox full', deferred],
    ['RCPT', '421 4.7.0 too many connections', pause],
    ['RCPT', CUT, pause],
    ['DATA', '451 4.3.0 queue file', deferred],
    ['.', '552 5.3.4 message too big', later],
    ['.', '554 5.7.1 content rejected', later],
    ['.', '550 5.2.1 disabled', refused],
    ['.', '451 4.3.0 later', deferred],
    ['.', '421 4.3.2 shutting down', pause],
    ['.', CUT, uncertain],
  ])('%s %s leads to what the table says', async (command, reply, outcome) => {
    const replies: Replies = { ...extensions, [command]: reply };
    await start(replies);
    const call = callFor(randomUUID());
    const answer = await mailer.mail(call, never).catch((error: NotAnswered) => error);
    expect('next' in answer ? answer.next : answer).toMatchObject(outcome as object);
    const reason = answer instanceof Error ? answer.message : (answer as { reason: string }).reason;
    expect(reason).toContain(reply === CUT ? 'closed' : reply);
    delete replies[command];
    expect(await outcomeOf(call)).toMatchObject({ type: 'RecordAccepted' });
    expect(server.mails).toHaveLength(1);
  });
});

describe('a mail server that is slow', () => {
  // Longer than any reply of the server takes, which runs in this process.
  const SILENCE_MS = 1_000;

  it('is uncertain once it is silent after the content for longer than it may', async () => {
    await start({ '.': null }, { replyMs: SILENCE_MS });
    expect(await outcomeOf()).toEqual(uncertain);
  });

  it('defers the mail while it is silent about the recipient', async () => {
    await start({ RCPT: null }, { replyMs: SILENCE_MS });
    expect(await outcomeOf()).toEqual(deferred);
  });

  it('pauses all mails while it does not greet, or cannot be reached', async () => {
    await start({ greeting: null }, { replyMs: SILENCE_MS });
    expect(await outcomeOf()).toEqual(pause);
    server.close();
    expect(await outcomeOf()).toEqual(pause);
  });
});

describe('a mail that is deferred', () => {
  const since = (hours: number) => new Date(Date.now() - hours * 3_600_000);

  it('is given up after the time for that, and not before', async () => {
    await start({ RCPT: '452 4.2.2 mailbox full' });
    expect(await outcomeOf(callFor(randomUUID(), { deferredSince: since(119) }))).toEqual(deferred);
    expect(await outcomeOf(callFor(randomUUID(), { deferredSince: since(121) }))).toMatchObject({
      type: 'RecordRefused',
      reason: expect.stringContaining('given up after 120 hours'),
    });
  });

  it('is not given up for what waits for an operator', async () => {
    await start({ RCPT: '554 5.7.1 client host rejected' });
    expect(await outcomeOf(callFor(randomUUID(), { deferredSince: since(500) }))).toEqual(later);
  });
});

describe('a connection', () => {
  it('ends after a few refusals, so that no server slows it down', async () => {
    await start({ RCPT: (line) => (line.includes('nobody') ? '550 5.1.1 no such user' : undefined) });
    for (let i = 0; i < 7; i += 1) await outcomeOf(callFor(randomUUID(), { to: 'nobody@example.com' }));
    await outcomeOf();
    expect([server.connections(), server.mails.length]).toEqual([3, 1]);
  });

  it('that the server has closed meanwhile is replaced', async () => {
    const replies: Replies = {};
    await start(replies);
    await outcomeOf();
    let isFirst = true;
    replies['MAIL'] = () => {
      const reply = isFirst ? '421 4.4.2 idle for too long' : undefined;
      isFirst = false;
      return reply;
    };
    expect(await outcomeOf()).toMatchObject({ type: 'RecordAccepted' });
    expect([server.connections(), server.mails.length]).toEqual([2, 2]);
  });
});

describe('a stop', () => {
  it('gives up a mail whose content is not sent', async () => {
    const replies: Replies = { RCPT: null };
    await start(replies);
    expect(await outcomeOf(undefined, AbortSignal.timeout(100))).toEqual({ when: 'unbegun' });
    delete replies['RCPT'];
    await outcomeOf();
    expect(server.mails).toHaveLength(1);
  });

  // proves: notifications: a mail is not given up once its content is sent
  it('finishes a mail whose content is sent', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let isSent = false;
    const reply = () => {
      isSent = true;
      return promise;
    };
    await start({ '.': reply });
    const stop = new AbortController();
    const outcome = outcomeOf(undefined, stop.signal);
    await eventually(() => isSent);
    stop.abort();
    mailer.onApplicationShutdown();
    resolve(undefined);
    expect(await outcome).toMatchObject({ type: 'RecordAccepted' });
    expect(server.mails).toHaveLength(1);
  });
});
