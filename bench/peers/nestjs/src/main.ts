import 'reflect-metadata';
import { Controller, Get, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Kafka } from 'kafkajs';
import { config } from './config.js';
import { topicOf, types } from './events.js';
import { InventoryController } from './inventory/inventory.controller.js';
import { NotificationsController } from './notifications/notifications.controller.js';
import { OrdersController } from './orders/orders.controller.js';
import { PaymentsController } from './payments/payments.controller.js';
import { PublishingModule } from './publishing/publishing.module.js';

const PARTITIONS = 6;

const controllers: Readonly<Record<string, Type>> = {
  orders: OrdersController,
  inventory: InventoryController,
  payments: PaymentsController,
  notifications: NotificationsController,
};

@Controller()
class HealthController {
  @Get('health/ready')
  ready() {
    return { status: 'ok' };
  }
}

@Module({ imports: [PublishingModule], controllers: [controllers[config.service]!, HealthController] })
class AppModule {}

/** The broker creates none by itself, and a consumer of a topic that is not there does not start. */
async function createTopics(): Promise<void> {
  const admin = new Kafka({ clientId: config.service, brokers: config.brokers }).admin();
  await admin.connect();
  const topics = types.map((type) => ({ topic: topicOf(type), numPartitions: PARTITIONS, replicationFactor: 1 }));
  await admin.createTopics({ topics, waitForLeaders: true });
  await admin.disconnect();
}

await createTopics();
const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
  logger: ['error', 'warn'],
});
app.connectMicroservice<MicroserviceOptions>({
  transport: Transport.KAFKA,
  options: {
    client: { clientId: config.service, brokers: config.brokers },
    consumer: { groupId: config.topicPrefix + config.service },
    // Else a new group misses what was published before it joined.
    subscribe: { fromBeginning: true },
  },
});
app.enableShutdownHooks();
await app.startAllMicroservices();
await app.listen(config.port, '127.0.0.1');
