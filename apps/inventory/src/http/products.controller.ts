import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Commands } from '@orderflow/durable';
import {
  EntityTagged,
  IfMatch,
  type Page,
  pageOf,
  preconditionFailed,
  Problem,
  sku as skuSchema,
  tagsOf,
} from '@orderflow/http';
import { traceContextOf } from '@orderflow/telemetry';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { InventoryTypes } from '../domain/inventory-working-set.js';
import { ProductChangedMeanwhile, UnknownProduct } from '../domain/decide.js';
import { type InventoryCommand, revisionOf, type Stock } from '../domain/inventory.js';
import { ProductReader } from '../domain/product-reader.js';
import {
  deliveryRequest,
  productPage,
  productQuery,
  productRequest,
  type ProductView,
  productView,
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
  @EntityTagged()
  @ApiOperation({ summary: 'One product with its stock' })
  @ApiResponse({ status: 200, standardSchema: productView })
  @ApiResponse({ status: 404 })
  async find(
    @Param('sku', { schema: skuSchema }) sku: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductView> {
    return tagged(reply, (await this.products.find(sku)) ?? notFound());
  }

  @Put(':sku')
  @ApiOperation({ summary: 'Define a product, or change its name or price; publishes ProductChanged' })
  @ApiResponse({ status: 200, standardSchema: productView, description: 'Changed, or the same as before' })
  @ApiResponse({ status: 201, standardSchema: productView, description: 'A new product' })
  @ApiResponse({ status: 412, description: 'The product or its stock has changed since' })
  async define(
    @Param('sku', { schema: skuSchema }) sku: string,
    @Body({ schema: productRequest }) product: z.output<typeof productRequest>,
    @IfMatch() ifMatch: string | undefined,
    @Headers() headers: RequestHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductView> {
    const onlyAt = ifMatch === undefined ? {} : { onlyAt: revisionsIn(ifMatch) };
    const { stock, isChanged } = await this.execute({ type: 'DefineProduct', sku, ...product, ...onlyAt }, headers);
    // Of two equal requests at once, the second one changes nothing.
    if (isChanged && stock.sequence === 1) reply.code(201).header('location', `/products/${encodeURIComponent(sku)}`);
    return tagged(reply, stock);
  }

  @Post(':sku/deliveries')
  @HttpCode(200)
  @ApiOperation({ summary: 'Book a delivery; the same deliveryId is booked once' })
  @ApiResponse({ status: 200, standardSchema: productView })
  @ApiResponse({ status: 404 })
  @ApiResponse({ status: 409, description: 'The deliveryId was booked before with another content' })
  async receive(
    @Param('sku', { schema: skuSchema }) sku: string,
    @Body({ schema: deliveryRequest }) delivery: z.output<typeof deliveryRequest>,
    @Headers() headers: RequestHeaders,
  ): Promise<ProductView> {
    const { stock } = await this.execute({ type: 'ReceiveDelivery', sku, ...delivery }, headers);
    return viewOf(stock);
  }

  /** @returns the product after the commit, and whether the command led to an event */
  private async execute(
    command: Extract<InventoryCommand, { readonly sku: string }>,
    headers: RequestHeaders,
  ): Promise<{ stock: Stock; isChanged: boolean }> {
    const { state, events } = await this.commands.execute(command, traceContextOf(headers)).catch(refuse);
    return { stock: state.stock.get(command.sku)!, isChanged: events > 0 };
  }
}

function tagged(reply: FastifyReply, stock: Stock): ProductView {
  reply.header('etag', `"${revisionOf(stock)}"`);
  return viewOf(stock);
}

/** The revisions of the tags of `If-Match`. A weak tag keeps its quotes, and so names none. */
function revisionsIn(ifMatch: string): readonly string[] | 'any' {
  const tags = tagsOf(ifMatch);
  return tags.includes('*') ? 'any' : tags.map((tag) => tag.replace(/^"(.*)"$/, '$1'));
}

function notFound(): never {
  throw new Problem(404, 'not-found', 'There is no such product.');
}

function refuse(error: unknown): never {
  if (error instanceof UnknownProduct) notFound();
  if (error instanceof ProductChangedMeanwhile) throw preconditionFailed();
  throw error;
}
