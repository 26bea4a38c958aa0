import { readPool, TransientError } from '@orderflow/durable';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.js';

export type ReadClient = ReturnType<typeof openReadClient>;

/** Prisma on a small pool of its own, so that reads never take the connections of the batches. It connects when first used. */
export function openReadClient(databaseUrl: string) {
  const adapter = new PrismaPg(readPool(databaseUrl, 'orders'));
  return new PrismaClient({ adapter }).$extends({
    query: {
      $allOperations: ({ model, operation, args, query }) =>
        query(args).catch((cause: unknown) => {
          // The reads are fixed and their values checked: when one fails, the database is away.
          throw new TransientError(`${model}.${operation} failed`, { cause });
        }),
    },
  });
}
