import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { config } from './config.js';
import { type Prisma, PrismaClient } from './generated/client.js';

export type Tx = Prisma.TransactionClient;

@Injectable()
export class PrismaService extends PrismaClient implements OnModuleDestroy {
  constructor() {
    super({
      adapter: new PrismaPg({ connectionString: config.databaseUrl }),
      // The defaults, 2 s and 5 s, refuse orders when the machine is busy.
      transactionOptions: { maxWait: 20_000, timeout: 60_000 },
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.$disconnect();
  }
}
