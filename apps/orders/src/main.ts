import 'reflect-metadata';
import { runService } from '@orderflow/durable';
import { readConfig } from './config.js';
import { OrdersModule } from './orders.module.js';

await runService('orders', readConfig, OrdersModule);
