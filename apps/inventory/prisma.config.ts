import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: '../../prisma/inventory',
  migrations: { path: '../../prisma/inventory/migrations' },
  ...(process.env['DATABASE_URL'] ? { datasource: { url: process.env['DATABASE_URL'] } } : {}),
});
