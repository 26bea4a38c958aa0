import 'reflect-metadata';
import { runService } from '@orderflow/durable';
import { readConfig } from './config.js';
import { PaymentsModule } from './payments.module.js';

await runService('payments', readConfig, PaymentsModule);
