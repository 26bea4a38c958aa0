import { defineConfig } from 'prisma/config';

const url = process.env['DATABASE_URL'];

// Only `prisma migrate` connects; generating the client works without a database.
export default defineConfig({
  schema: '../../prisma/orders',
  migrations: { path: '../../prisma/orders/migrations' },
  ...(url === undefined ? {} : { datasource: { url } }),
});
