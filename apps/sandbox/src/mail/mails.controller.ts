import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { pageOf, pageQuery, pageSchema, text } from '@orderflow/http';
import { z } from 'zod';
import { Mailbox } from './mailbox.js';

const mailsQuery = pageQuery.extend({
  orderId: text(64).optional(),
  after: z
    .string()
    .regex(/^\d{1,18}$/, { error: 'must be the `next` of an earlier page' })
    .optional(),
});
const mailItem = z
  .object({
    messageId: z.string(),
    orderId: z.string().nullable(),
    template: z.string().nullable(),
    to: z.string(),
    subject: z.string(),
    text: z.string(),
    copies: z.int(),
    receivedAt: z.string(),
  })
  .meta({ id: 'Mail' });

@ApiTags('mailbox')
@Controller('mails')
export class MailsController {
  constructor(private readonly mailbox: Mailbox) {}

  @Get()
  @ApiOperation({ summary: 'Received mail of one order, or all; a mail that arrived twice has two copies' })
  @ApiResponse({ status: 200, standardSchema: pageSchema(mailItem) })
  async mails(@Query({ schema: mailsQuery }) { orderId, after, limit }: z.output<typeof mailsQuery>) {
    const rows = await this.mailbox.list({ orderId, after, limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      ({ cursor }) => cursor,
      ({ mail }) => mail,
    );
  }
}
