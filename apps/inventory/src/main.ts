import 'reflect-metadata';
import { runService } from '@orderflow/durable';
import { readConfig } from './config.js';
import { InventoryModule } from './inventory.module.js';

await runService('inventory', readConfig, InventoryModule);
