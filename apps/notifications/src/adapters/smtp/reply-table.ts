/**
 * A mail server's replies, and what becomes of the mail. RFC 5321 has the basic codes, RFC 3463 the enhanced ones. The first row
 * that matches decides. docs/mail.md shows this table; a test compares the two.
 */

/** What the server was asked. Up to the sender, a reply is about all mails; from the recipient on, about one. */
export const phases = ['connection', 'login', 'sender', 'recipient', 'data', 'content'] as const;
export type Phase = (typeof phases)[number];

/** `refused`: NotificationFailed. The others: the mail is sent again, see `actions`. */
export type Action = 'refused' | 'deferred' | 'operator' | 'pause' | 'uncertain';

export const actions: Readonly<Record<Action, string>> = {
  refused: 'the recipient cannot get it: `NotificationFailed`, with the reply',
  deferred: 'sent again after `MAIL_RETRY_SECONDS`; `NotificationFailed` once it was deferred for `MAIL_GIVE_UP_HOURS`',
  operator:
    'waits for an operator (alert `MailNeedsOperator`): sent again every `MAIL_OPERATOR_SECONDS`, given up only by an operator',
  pause: 'all mails wait, at first briefly, at most for `CALL_MAX_BACKOFF_MS`',
  uncertain: 'possibly delivered: sent again after `MAIL_UNCERTAIN_SECONDS`, with the same `Message-ID`',
};

/** No reply: the connection failed or was cut, or the server stayed silent for longer than it may. */
export type NoReply = 'cut' | 'silence';

export interface Reply {
  /** 3 digits. */
  readonly code: string;
  /** As in `5.1.1`. */
  readonly enhanced: string | undefined;
}

export interface Row {
  readonly phases: readonly Phase[];
  /** `4xx` and `421` are basic codes, `5.1.1` and `5.2.x` enhanced codes of a 5xx. */
  readonly replies: readonly string[];
  readonly action: Action;
  readonly because: string;
}

const ofAll: readonly Phase[] = ['connection', 'login', 'sender'];
const ofOne: readonly Phase[] = ['recipient', 'data', 'content'];

export const replyTable: readonly Row[] = [
  { phases, replies: ['421'], action: 'pause', because: 'the server closes the connection: it is busy, or limits us' },
  {
    phases: ofAll,
    replies: ['4xx', 'cut', 'silence'],
    action: 'pause',
    because: 'the server is not there for any mail',
  },
  {
    phases: ofAll,
    replies: ['5xx'],
    action: 'operator',
    because: 'it refuses this client, the login or the sender (`SMTP_URL`, `MAIL_FROM`); all mails wait',
  },
  {
    phases: ofOne,
    replies: ['4xx'],
    action: 'deferred',
    because: 'greylisting, a full mailbox or a passing fault: RFC 5321, 4.5.4.1, asks for 30 minutes and 4 to 5 days',
  },
  {
    phases: ofOne,
    replies: ['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.x'],
    action: 'refused',
    because: 'there is no such mailbox or domain, or the mailbox takes no mail',
  },
  {
    phases: ofOne,
    replies: ['5xx'],
    action: 'operator',
    because:
      'a refused client, sender or login is often said to the recipient only (5.7.1), as are blocklists and content',
  },
  {
    phases: ['content'],
    replies: ['cut', 'silence'],
    action: 'uncertain',
    because: 'the server may have taken the mail before its reply was lost',
  },
  {
    phases: ['recipient', 'data'],
    replies: ['silence'],
    action: 'deferred',
    because: 'the server may wait for the server of this recipient',
  },
  { phases: ['recipient', 'data'], replies: ['cut'], action: 'pause', because: 'the server is going away' },
];

/** Whether a reply in this phase is about all mails. */
export const isAboutAll = (phase: Phase): boolean => ofAll.includes(phase);

/** @returns what becomes of a mail after this reply, or after none */
export function actionFor(phase: Phase, reply: Reply | NoReply): Action {
  const row = replyTable.find(
    (it) => it.phases.includes(phase) && it.replies.some((pattern) => matches(pattern, reply)),
  );
  // A code that is neither 4yz nor 5yz is no refusal that RFC 5321 knows.
  return row?.action ?? 'operator';
}

function matches(pattern: string, reply: Reply | NoReply): boolean {
  if (typeof reply === 'string') return pattern === reply;
  const { code, enhanced = '' } = reply;
  if (/^\dxx$/.test(pattern)) return code.startsWith(pattern[0]!);
  if (!pattern.includes('.')) return code === pattern;
  // guard: notifications: a refusal is final only where its enhanced code names the recipient
  return (
    code.startsWith('5') && (pattern.endsWith('.x') ? enhanced.startsWith(pattern.slice(0, -1)) : enhanced === pattern)
  );
}

/** Reads a reply's first line, `550 5.1.1 no such user`. @returns undefined where there is no reply */
export function readReply(text: string | undefined): Reply | undefined {
  const [, code, enhanced] = /^([2-5]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3})\b)?/.exec(text ?? '') ?? [];
  return code === undefined ? undefined : { code, enhanced };
}
