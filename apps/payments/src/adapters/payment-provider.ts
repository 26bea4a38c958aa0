import type { ExternalCall } from '@orderflow/decider';
import { NotAnswered } from '@orderflow/durable';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { propagationHeaders } from '@orderflow/telemetry';
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { Bill, PaymentCommand, Refund } from '../domain/payment.js';
import { type AmountConvention, providerAmount } from './provider-amounts.js';

const chargeAnswer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('captured'), chargeId: z.string().min(1) }),
  z.object({ status: z.literal('declined'), declineCode: z.string().min(1) }),
]);
const refundAnswer = z.object({ status: z.literal('refunded'), refundId: z.string().min(1) });

const problem = z.object({ type: z.string(), detail: z.string() });
// These speak of our own set-up, not of the call.
const SET_UP = [401, 403, 407];
// Timeout, conflict, rate limit.
const PASSING = [...SET_UP, 408, 409, 425, 429];
const ALREADY_REFUNDED = 'charge-already-refunded';
// A conflict that stays.
const TOO_LARGE = 'refund-too-large';

/** A response that is no answer. `kind` names the problem, where the provider does. */
class Refusal extends NotAnswered {
  constructor(
    message: string,
    readonly kind: string,
  ) {
    super(message, { when: 'refused' });
  }
}

/**
 * Client of the payment provider. Only a 2xx is an answer; after anything else the outcome is unknown, since an earlier attempt may
 * have charged, and the call is retried with the same key. A refusal that does not pass by itself is a dead letter after some attempts.
 */
export class PaymentProvider implements OnApplicationShutdown {
  private readonly logger = new Logger(PaymentProvider.name);
  private readonly agent: Agent;

  constructor(
    private readonly url: string,
    private readonly timeoutMs: number,
    private readonly convention: AmountConvention,
  ) {
    // A slow charge holds its connection for seconds; with few connections it would delay the others.
    this.agent = new Agent({ connections: 128, keepAliveTimeout: 30_000, connect: { timeout: timeoutMs } });
  }

  async charge({ key, subject, request: bill }: ExternalCall, signal: AbortSignal): Promise<PaymentCommand> {
    const { currency, token } = bill as Bill;
    const amountMinor = providerAmount(bill as Bill, this.convention);
    // Known before the first attempt, so that no attempt was made: the provider cannot have charged.
    if (amountMinor === undefined) return { type: 'RecordDecline', orderId: subject, code: 'amount_not_representable' };
    const body = { orderId: subject, amountMinor, currency, token };
    const answer = await this.post('/charges', key, body, chargeAnswer, signal);
    return answer.status === 'captured'
      ? { type: 'RecordCapture', orderId: subject, chargeId: answer.chargeId }
      : { type: 'RecordDecline', orderId: subject, code: answer.declineCode };
  }

  async refund({ key, subject, request: refund }: ExternalCall, signal: AbortSignal): Promise<PaymentCommand> {
    const { chargeId } = refund as Refund;
    const amountMinor = providerAmount(refund as Refund, this.convention);
    // It was charged in full: only another setting since can make it so.
    if (amountMinor === undefined)
      throw new Refusal(`the amount of ${key} cannot be written in ${this.convention}`, 'invalid-amount');
    try {
      const { refundId } = await this.post('/refunds', key, { chargeId, amountMinor }, refundAnswer, signal);
      return { type: 'RecordRefund', orderId: subject, refund: { refundId, isElsewhere: false } };
    } catch (error) {
      // Nothing is left to refund, and our own refund would have had its recorded answer.
      if (!(error instanceof Refusal) || error.kind !== ALREADY_REFUNDED) throw error;
      return { type: 'RecordRefund', orderId: subject, refund: { refundId: '', isElsewhere: true } };
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  private async post<Answer>(
    path: string,
    key: string,
    body: object,
    schema: z.ZodType<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const answer = await request(`${this.url}${path}`, {
      dispatcher: this.agent,
      method: 'POST',
      // guard: payments: the provider gets the key of the call
      headers: { 'content-type': 'application/json', 'idempotency-key': key, ...propagationHeaders() },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.timeoutMs)]),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 200 && answer.statusCode < 300) return schema.parse(JSON.parse(text));
    // guard: payments: a failure of the provider is no answer
    throw this.unknownOutcome(answer.statusCode, `${path} ${key}`, text);
  }

  private unknownOutcome(status: number, request: string, body: string): Error {
    const { kind, detail } = problemIn(body);
    const message = `the payment provider answered ${status} to ${request}${detail === '' ? '' : `: ${detail}`}`;
    const stays = status === 409 ? [ALREADY_REFUNDED, TOO_LARGE].includes(kind) : !PASSING.includes(status);
    // guard: payments: a refusal that stays is told apart
    if (status >= 400 && status < 500 && stays) return new Refusal(message, kind);
    // Every call fails until the set-up is mended.
    if (SET_UP.includes(status)) this.logger.error(`${message}: retried until it is fixed`);
    return new Error(message);
  }
}

/** Kind and detail of a problem document (RFC 9457); empty where the body is none. */
function problemIn(body: string): { kind: string; detail: string } {
  try {
    const { type, detail } = problem.parse(JSON.parse(body));
    return { kind: type.slice(type.lastIndexOf(':') + 1), detail };
  } catch {
    // A proxy's page, for instance: the status has to do.
    return { kind: '', detail: '' };
  }
}
