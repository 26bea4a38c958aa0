import type { ExternalCall } from '@orderflow/decider';
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

// Timeout, conflict, rate limit: these pass by themselves. Any other 4xx does not.
const PASSING = [408, 409, 429];

/** Client of the payment provider. Only a 2xx is an answer; after anything else the outcome is unknown, and the call is retried with the same key. */
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
    if (amountMinor === undefined) throw new Error(`the amount of ${key} cannot be written in ${this.convention}`);
    const { refundId } = await this.post('/refunds', key, { chargeId, amountMinor }, refundAnswer, signal);
    return { type: 'RecordRefund', orderId: subject, refundId };
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
    throw this.unknownOutcome(answer.statusCode, `${path} ${key}`);
  }

  private unknownOutcome(status: number, request: string): Error {
    const error = new Error(`the payment provider answered ${status} to ${request}`);
    // An earlier attempt with this key may have charged, so that no outcome can be assumed: an operator has to look.
    if (status < 500 && !PASSING.includes(status)) this.logger.error(`${error.message}: retried until it is fixed`);
    return error;
  }
}
