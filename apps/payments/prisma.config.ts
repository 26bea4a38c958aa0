import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: '../../prisma/payments',
  migrations: { path: '../../prisma/payments/migrations' },
  ...(process.env['DATABASE_URL'] ? { datasource: { url: process.env['DATABASE_URL'] } } : {}),
});
