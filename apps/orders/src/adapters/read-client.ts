import { readPool, TransientError } from '@orderflow/durable';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';

export type ReadClient = ReturnType<typeof openReadClient>;

/** Prisma on a small pool of its own, so that reads never take connections from the batches. It connects on first use. */
export function openReadClient(databaseUrl: string) {
  const adapter = new PrismaPg(readPool(databaseUrl, 'orders'));
  return new PrismaClient({ adapter }).$extends({
    query: {
      $allOperations: ({ model, operation, args, query }) =>
        query(args).catch((cause: unknown) => {
          // The queries are fixed and their parameters validated, so that a failure means an unreachable database.
          throw new TransientError(`${model}.${operation} failed`, { cause });
        }),
    },
  });
}
