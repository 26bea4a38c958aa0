import type { Caller } from '@orderflow/auth';
import { Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags, CallerOf, Problem } from '@orderflow/http';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { CURRENCY, type Example, type ExampleName, exampleNames, examples } from '../domain/examples.js';
import { ask } from './ask.js';
import { demandOwnPage, type RequestHeaders } from './commands.controller.js';
import { ConsoleSettings } from './console-settings.js';
import { stockUp } from './stock-up.js';

// While inventory is away, the order is there all the same; it is then not cancelled.
const LONGEST_WAIT_MS = 5_000;
const POLL_MS = 20;

const name = z.enum(exampleNames);

interface PlacedExample {
  readonly orderId: string;
}

/** Places the orders of the first page, and delivers what they need: a button must not run out of stock by being pressed. */
@ApiTags('commands')
@Controller('api/examples')
export class ExamplesController {
  constructor(private readonly settings: ConsoleSettings) {}

  @Post(':name')
  @HttpCode(202)
  @ApiOperation({ summary: 'Place an order that ends in one of the ways in which an order can end' })
  @ApiResponse({ status: 202 })
  @ApiResponse({ status: 403, description: 'Without the header X-Console, or from a page of another origin' })
  @ApiResponse({ status: 404, description: 'EXAMPLES is off' })
  async place(
    @Param('name', { schema: name }) which: ExampleName,
    @Headers() headers: RequestHeaders,
    @CallerOf() caller: Caller | undefined,
  ): Promise<PlacedExample> {
    demandOwnPage(headers);
    const { orders: ordersUrl, inventory: inventoryUrl } = this.settings.urls;
    if (!this.settings.hasExamples) throw new Problem(404, 'not-found', 'This console has no examples.');
    const token = caller?.token;
    const example: Example = examples[which];
    const { product, quantity, isSoldOut, paymentToken, isCancelled } = example;
    await stockUp(inventoryUrl, { ...product, currency: CURRENCY }, isSoldOut ? 0 : quantity, token, quantity * 10);
    const lines = [{ sku: product.sku, quantity }];
    const json = { customerId: 'visitor', email: 'visitor@example.com', currency: CURRENCY, lines, paymentToken };
    const key = { 'idempotency-key': randomUUID() };
    const { orderId } = await ask<PlacedExample>(`${ordersUrl}/orders`, 'POST', { json, headers: key, token });
    if (isCancelled && (await isStockHeld(ordersUrl, orderId, token)))
      await ask(`${ordersUrl}/orders/${orderId}/cancel`, 'POST', { token });
    return { orderId };
  }
}

async function isStockHeld(ordersUrl: string, orderId: string, token: string | undefined): Promise<boolean> {
  const end = performance.now() + LONGEST_WAIT_MS;
  while (performance.now() < end) {
    const { stock } = await ask<{ stock: string }>(`${ordersUrl}/orders/${orderId}`, 'GET', { token });
    if (stock !== 'pending') return stock === 'reserved';
    await pause(POLL_MS);
  }
  return false;
}
