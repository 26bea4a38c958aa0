import 'reflect-metadata';
import { runMain } from '@orderflow/config';
import { connectDurable } from '@orderflow/durable';
import { createHttpApp } from '@orderflow/http';
import { Logger, shutdownTelemetry } from '@orderflow/telemetry';
import { readConfig } from './config.js';
import { InventoryModule } from './inventory.module.js';

await runMain(async () => {
  const config = readConfig();
  const app = await createHttpApp(InventoryModule.with(config), { service: 'inventory', logger: Logger });
  await connectDurable(app);
  await app.listen(config.PORT, config.HOST);
  return async () => {
    await app.close();
    await shutdownTelemetry();
  };
});
