import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: '../../prisma/orders',
  migrations: { path: '../../prisma/orders/migrations' },
  ...(process.env['DATABASE_URL'] ? { datasource: { url: process.env['DATABASE_URL'] } } : {}),
});
