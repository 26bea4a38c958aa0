import type { Socket } from 'node:net';

/**
 * Runs work whose signal aborts when the caller closes its connection. Not by the request's own events or Fastify's signal:
 * they end once the body is read.
 */
export async function whileConnected<T>(caller: Socket, work: (gone: AbortSignal) => Promise<T>): Promise<T> {
  const gone = new AbortController();
  const onClose = () => gone.abort();
  caller.once('close', onClose);
  try {
    return await work(gone.signal);
  } finally {
    caller.off('close', onClose);
  }
}
