import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: '../../prisma/notifications',
  migrations: { path: '../../prisma/notifications/migrations' },
  ...(process.env['DATABASE_URL'] ? { datasource: { url: process.env['DATABASE_URL'] } } : {}),
});
