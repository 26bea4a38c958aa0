import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { currencyCode, IdempotencyKey, pageOf, pageSchema, text } from '@orderflow/http';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { recordsQuery, type RecordsQuery } from '../records-query.js';
import type { Charge } from './charge.js';
import { Ledger } from './ledger.js';
import { PaymentProvider } from './payment-provider.js';
import { whileConnected } from './while-connected.js';

const amountMinor = z.int().min(1).describe("In the provider's own convention (PAYMENT_PROVIDER_AMOUNTS)");

const chargeBody = z
  .strictObject({ orderId: text(64), amountMinor, currency: currencyCode, token: text(64) })
  .meta({ id: 'ChargeRequest' });
const chargeAnswer = z
  .object({ chargeId: z.string(), status: z.enum(['captured', 'declined']), declineCode: z.string().optional() })
  .meta({ id: 'ChargeAnswer' });
const refundBody = z.strictObject({ chargeId: text(64), amountMinor }).meta({ id: 'RefundRequest' });
const refundAnswer = z.object({ refundId: z.string(), status: z.literal('refunded') }).meta({ id: 'RefundAnswer' });
const chargeItem = z
  .object({
    chargeId: z.string(),
    orderId: z.string(),
    amountMinor: z.int().describe('In the minor unit of ISO 4217'),
    currency: z.string(),
    status: z.enum(['captured', 'declined']),
    refundedMinor: z.int(),
    idempotencyKey: z.string(),
    createdAt: z.string(),
  })
  .meta({ id: 'Charge' });

@ApiTags('payment provider')
@Controller()
export class PaymentsController {
  constructor(
    private readonly provider: PaymentProvider,
    private readonly ledger: Ledger,
  ) {}

  @Post('charges')
  @HttpCode(200)
  @ApiOperation({ summary: 'Charge; the token decides the outcome (tok_visa, tok_declined, tok_timeout, ...)' })
  @ApiResponse({ status: 200, standardSchema: chargeAnswer })
  @ApiResponse({ status: 422, description: 'An amount that cannot be charged, or a key used for another request' })
  async charge(
    @IdempotencyKey() key: string,
    @Body({ schema: chargeBody }) body: z.output<typeof chargeBody>,
    @Req() { raw }: { raw: IncomingMessage },
  ) {
    const charge = (gone: AbortSignal) => this.provider.charge(key, body, gone);
    const { chargeId, status, declineCode } = await whileConnected(raw.socket, charge);
    return { chargeId, status, ...(declineCode === null ? {} : { declineCode }) };
  }

  @Post('refunds')
  @HttpCode(200)
  @ApiOperation({ summary: 'Refund a charge, never more than was captured' })
  @ApiResponse({ status: 200, standardSchema: refundAnswer })
  @ApiResponse({ status: 404 })
  @ApiResponse({ status: 409, description: 'More than is left of the charge' })
  @ApiResponse({ status: 422, description: 'An amount that cannot be refunded, or a key used for another request' })
  async refund(@IdempotencyKey() key: string, @Body({ schema: refundBody }) body: z.output<typeof refundBody>) {
    return { refundId: await this.provider.refund(key, body), status: 'refunded' };
  }

  @Get('charges')
  @ApiOperation({ summary: 'The ledger of one order, or all; never affected by faults' })
  @ApiResponse({ status: 200, standardSchema: pageSchema(chargeItem) })
  async charges(@Query({ schema: recordsQuery }) query: RecordsQuery) {
    return pageOf(await this.ledger.list(query), query.limit, ({ seq }) => seq, itemOf);
  }
}

/** Without token, fingerprint and decline code. */
function itemOf(charge: Charge) {
  const { chargeId, orderId, amountMinor: amount, currency, status, refundedMinor, idempotencyKey, createdAt } = charge;
  return { chargeId, orderId, amountMinor: amount, currency, status, refundedMinor, idempotencyKey, createdAt };
}
