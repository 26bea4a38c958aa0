import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Commands } from '@orderflow/durable';
import { type Page, pageOf, Problem, problemSchema } from '@orderflow/http';
import { traceparentOf } from '@orderflow/telemetry';
import type { z } from 'zod';
import type { InventoryTypes } from '../domain/inventory-working-set.js';
import { UnknownProduct } from '../domain/decide.js';
import type { InventoryCommand } from '../domain/inventory.js';
import { ProductReader } from '../domain/product-reader.js';
import {
  deliveryRequest,
  productPage,
  productQuery,
  productRequest,
  type ProductView,
  productView,
  sku as skuSchema,
  viewOf,
} from './schemas.js';

type RequestHeaders = Record<string, string | undefined>;

@ApiTags('products')
@Controller('products')
export class ProductsController {
  constructor(
    private readonly commands: Commands<InventoryTypes>,
    @Inject(ProductReader) private readonly products: ProductReader,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All products with their stock, by SKU' })
  @ApiResponse({ status: 200, standardSchema: productPage })
  async list(
    @Query({ schema: productQuery }) { after, limit }: z.output<typeof productQuery>,
  ): Promise<Page<ProductView>> {
    return pageOf(await this.products.list(after, limit + 1), limit, ({ sku }) => sku, viewOf);
  }

  @Get(':sku')
  @ApiOperation({ summary: 'One product with its stock' })
  @ApiResponse({ status: 200, standardSchema: productView })
  @ApiResponse({ status: 404, standardSchema: problemSchema })
  async find(@Param('sku', { schema: skuSchema }) sku: string): Promise<ProductView> {
    const stock = await this.products.find(sku);
    return stock ? viewOf(stock) : notFound();
  }

  @Put(':sku')
  @ApiOperation({ summary: 'Define a product, or change its name or price; publishes ProductChanged' })
  @ApiResponse({ status: 200, standardSchema: productView })
  @ApiResponse({ status: 400, standardSchema: problemSchema })
  async define(
    @Param('sku', { schema: skuSchema }) sku: string,
    @Body({ schema: productRequest }) product: z.output<typeof productRequest>,
    @Headers() headers: RequestHeaders,
  ): Promise<ProductView> {
    return this.execute({ type: 'DefineProduct', sku, ...product }, headers);
  }

  @Post(':sku/deliveries')
  @HttpCode(200)
  @ApiOperation({ summary: 'Book a delivery; the same deliveryId is booked once' })
  @ApiResponse({ status: 200, standardSchema: productView })
  @ApiResponse({ status: 404, standardSchema: problemSchema })
  @ApiResponse({
    status: 409,
    standardSchema: problemSchema,
    description: 'The deliveryId was booked before with another content',
  })
  async receive(
    @Param('sku', { schema: skuSchema }) sku: string,
    @Body({ schema: deliveryRequest }) delivery: z.output<typeof deliveryRequest>,
    @Headers() headers: RequestHeaders,
  ): Promise<ProductView> {
    return this.execute({ type: 'ReceiveDelivery', sku, ...delivery }, headers);
  }

  /** @returns the product after the commit */
  private async execute(
    command: Extract<InventoryCommand, { readonly sku: string }>,
    headers: RequestHeaders,
  ): Promise<ProductView> {
    const { stock } = await this.commands.execute(command, { traceparent: traceparentOf(headers) }).catch(refuse);
    return viewOf(stock.get(command.sku)!);
  }
}

function notFound(): never {
  throw new Problem(404, 'not-found', 'There is no such product.');
}

function refuse(error: unknown): never {
  if (error instanceof UnknownProduct) notFound();
  throw error;
}
