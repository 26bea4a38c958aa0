import { DBOS } from '@dbos-inc/dbos-sdk';
import Fastify from 'fastify';
import { checkout } from './checkout.js';
import { config } from './config.js';
import type { NewOrder } from './order.js';
import { priced } from './orders.js';

const app = Fastify();

app.get('/health/ready', () => ({ status: 'ok' }));

app.post<{ Body: NewOrder }>('/orders', async ({ body }, reply) => {
  const order = await priced(body);
  if (order === undefined) return reply.code(422).send({ message: 'unknown SKU' });
  const { orderId, totalMinor, currency } = order;
  // Recorded once this resolves, and from then on it is run to its end.
  await DBOS.startWorkflow(checkout, { workflowID: orderId })(order);
  return reply.code(202).send({ orderId, status: 'placed', totalMinor, currency });
});

DBOS.setConfig({
  name: 'shop',
  applicationVersion: '0.1.0',
  systemDatabaseUrl: config.databaseUrl,
  logLevel: 'warn',
  runAdminServer: false,
});
await DBOS.launch();
await app.listen({ port: config.port, host: '127.0.0.1' });

process.once('SIGTERM', async () => {
  await app.close();
  await DBOS.shutdown();
  process.exit();
});
