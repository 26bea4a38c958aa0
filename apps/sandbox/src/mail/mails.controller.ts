import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { pageOf, pageSchema } from '@orderflow/http';
import { z } from 'zod';
import { recordsQuery, type RecordsQuery } from '../records-query.js';
import { Mailbox } from './mailbox.js';

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
  async mails(@Query({ schema: recordsQuery }) query: RecordsQuery) {
    return pageOf(
      await this.mailbox.list(query),
      query.limit,
      ({ seq }) => seq,
      ({ seq: _seq, ...mail }) => mail,
    );
  }
}
