import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Page, pageOf, pageQuery, pageSchema, UUID, uuid } from '@orderflow/http';
import { z } from 'zod';
import { NoticeReader, type Place, type RecordedMail } from '../domain/notice-reader.js';
import { templates } from '../domain/notice.js';

const notification = z
  .object({
    orderId: z.string(),
    template: z.enum(templates),
    status: z.enum(['requested', 'sent', 'failed']),
    messageId: z.string().optional(),
    reason: z.string().optional(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Notification' });

type Notification = z.infer<typeof notification>;

const place = z
  .string()
  .regex(new RegExp(`^${UUID}~(${templates.join('|')})$`), { error: 'must be the `next` of an earlier page' })
  .transform((cursor): Place => {
    const [orderId, template] = cursor.split('~') as [string, Place['template']];
    return { orderId, template };
  });

const query = pageQuery.extend({ orderId: uuid.optional(), after: place.optional() });

const cursorOf = ({ orderId, template }: Place): string => `${orderId}~${template}`;

/** Without the address, which a reader of this list does not need. */
const viewOf = ({ orderId, template, mail }: RecordedMail): Notification => ({ orderId, template, ...mail });

@ApiTags('notifications')
@Controller('notifications')
export class NotificationsController {
  constructor(@Inject(NoticeReader) private readonly notices: NoticeReader) {}

  @Get()
  @ApiOperation({ summary: 'Mails by order id' })
  @ApiResponse({ status: 200, standardSchema: pageSchema(notification) })
  async list(@Query({ schema: query }) { orderId, after, limit }: z.output<typeof query>): Promise<Page<Notification>> {
    const mails = await this.notices.list({ orderId, after, limit: limit + 1 });
    return pageOf(mails, limit, cursorOf, viewOf);
  }
}
