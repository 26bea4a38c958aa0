import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { EntityTagged, Problem, uuid } from '@orderflow/http';
import { PaymentReader } from '../domain/payment-reader.js';
import { type PaymentView, paymentView, viewOf } from './payment-view.js';

@ApiTags('payments')
@Controller('payments')
export class PaymentsController {
  constructor(@Inject(PaymentReader) private readonly payments: PaymentReader) {}

  @Get(':orderId')
  @EntityTagged()
  @ApiOperation({ summary: 'The payment of one order' })
  @ApiResponse({ status: 200, standardSchema: paymentView })
  @ApiResponse({ status: 404 })
  async find(@Param('orderId', { schema: uuid }) orderId: string): Promise<PaymentView> {
    const recorded = await this.payments.find(orderId);
    if (!recorded) throw new Problem(404, 'not-found', 'No payment is known for this order.');
    return viewOf(recorded);
  }
}
