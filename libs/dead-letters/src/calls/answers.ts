import { pageSchema } from '@orderflow/http';
import { z } from 'zod';
import type { CallAction, FailedCall, FailedCallDetail } from './failed-calls.js';

export const callItem = z
  .object({
    key: z.string().describe('Its idempotency key'),
    state: z.enum(['retrying', 'waiting', 'dead', 'settled']),
    kind: z.string(),
    orderId: z.string(),
    attempts: z.int(),
    refusals: z.int().describe('Since the first attempt, or since an operator let it be made again'),
    reason: z.string().nullable().describe('Of the last failure'),
    createdAt: z.iso.datetime(),
    nextAttemptAt: z.iso.datetime().nullable().describe('Null unless it is repeated automatically'),
    deadAt: z.iso.datetime().nullable(),
    waitsFor: z
      .enum(['other-side', 'operator'])
      .nullable()
      .describe(
        'Of a call that was put off: the other side may yet accept it, or an operator has to mend something first',
      ),
    deferredSince: z.iso.datetime().nullable().describe('Since when the other side has put it off'),
    choices: z.array(z.string()).describe('What a dead letter or a waiting call of this kind can be settled as'),
  })
  .meta({ id: 'FailedCall' });

export type CallItem = z.output<typeof callItem>;

export const callItemOf = (call: FailedCall, choices: string[]): CallItem => ({
  key: call.key,
  state: call.state,
  kind: call.kind,
  orderId: call.subject,
  attempts: call.attempts,
  refusals: call.refusals,
  reason: call.reason,
  createdAt: call.createdAt.toISOString(),
  nextAttemptAt: call.nextAttemptAt?.toISOString() ?? null,
  deadAt: call.deadAt?.toISOString() ?? null,
  waitsFor: call.waitsFor,
  deferredSince: call.deferredSince?.toISOString() ?? null,
  choices,
});

export const callPage = pageSchema(callItem).meta({ id: 'FailedCallPage' });

export const callActionItem = z
  .object({
    id: z.string(),
    key: z.string(),
    action: z.string().describe('retry, or what it was settled as'),
    at: z.iso.datetime(),
    operator: z.string().describe('The header X-Operator of the request'),
    reason: z.string().nullable(),
    kind: z.string(),
    orderId: z.string(),
  })
  .meta({ id: 'CallAction' });

export type CallActionItem = z.output<typeof callActionItem>;

export const callActionItemOf = ({ subject, at, ...action }: CallAction): CallActionItem => ({
  ...action,
  orderId: subject,
  at: at.toISOString(),
});

export const callActionPage = pageSchema(callActionItem).meta({ id: 'CallActionPage' });

export const openedCall = callItem
  .extend({
    request: z.unknown().describe('Null once it is settled'),
    failures: z.array(z.object({ at: z.iso.datetime(), reason: z.string() })).describe('The oldest first'),
    actions: z.array(callActionItem).describe('The actions of operators on it, the latest first'),
  })
  .meta({ id: 'OpenedFailedCall' });

export type OpenedCallAnswer = z.output<typeof openedCall>;

export const openedCallOf = (
  call: FailedCallDetail,
  choices: string[],
  actions: readonly CallAction[],
): OpenedCallAnswer => ({
  ...callItemOf(call, choices),
  request: call.request,
  failures: call.failures.map(({ at, reason }) => ({ at: new Date(at).toISOString(), reason })),
  actions: actions.map(callActionItemOf),
});
