import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags, EventStreamed, lastEventId } from '@orderflow/http';
import type { FastifyReply } from 'fastify';
import { Journal } from '../../domain/journal.js';
import { type StreamQuery, streamQuery } from '../requests.js';
import { Live } from './live.js';

const LastEventId = lastEventId(/^(0|[1-9]\d{0,17})$/, 'must be the id of an event of this stream');

@ApiTags('live')
@Controller('api/stream')
export class StreamController {
  constructor(
    @Inject(Journal) private readonly journal: Journal,
    private readonly live: Live,
  ) {}

  @Get()
  @EventStreamed()
  @ApiOperation({ summary: 'Rows of orders and stories of single orders whenever the journal has more of them' })
  async stream(
    @Query({ schema: streamQuery }) { channels }: StreamQuery,
    @LastEventId() last: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.live.open(reply, { channels, position: last ?? (await this.journal.end()) });
  }
}
