import 'reflect-metadata';
import { runService } from '@orderflow/durable';
import { readConfig } from './config.js';
import { NotificationsModule } from './notifications.module.js';

await runService('notifications', readConfig, NotificationsModule);
