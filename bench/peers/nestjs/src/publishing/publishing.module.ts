import { Global, Module } from '@nestjs/common';
import { ClientsModule, Transport } from '@nestjs/microservices';
import { config } from '../config.js';
import { PrismaService } from '../prisma.service.js';
import { EmitAfterWrite } from './emit-after-write.js';
import { OutboxRelay, OutboxTransactions } from './outbox.js';
import { KAFKA, Publisher } from './publisher.js';
import { Transactions } from './transactions.js';

const withOutbox = [{ provide: Transactions, useClass: OutboxTransactions }, OutboxRelay];
const afterWrite = [{ provide: Transactions, useClass: EmitAfterWrite }];

@Global()
@Module({
  imports: [
    ClientsModule.register([
      {
        name: KAFKA,
        transport: Transport.KAFKA,
        options: { client: { clientId: config.service, brokers: config.brokers }, producerOnlyMode: true },
      },
    ]),
  ],
  providers: [PrismaService, Publisher, ...(config.publishing === 'outbox' ? withOutbox : afterWrite)],
  exports: [PrismaService, Transactions],
})
export class PublishingModule {}
