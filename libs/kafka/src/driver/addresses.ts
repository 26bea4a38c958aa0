import { connect, type Socket } from 'node:net';

// In no host name, and no separator for kafkajs.
const STANDS_FOR_COLON = '~';
const KEEP_ALIVE_MS = 60_000;

/**
 * The address of a broker as kafkajs can read it: it takes everything before the first colon for the host, which is nothing of
 * `[::1]:9092`. See kafkajs/src/cluster/connectionPoolBuilder.js. {@link socketTo} undoes it; the addresses that brokers
 * advertise do not pass here.
 */
export const seedOf = (address: string): string =>
  address.replace(
    /^\[(.*)\]:(\d+)$/,
    (_, host: string, port: string) => `${host.replaceAll(':', STANDS_FOR_COLON)}:${port}`,
  );

/** A plain connection, as kafkajs makes it. */
export function socketTo({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }): Socket {
  return connect({ host: host.replaceAll(STANDS_FOR_COLON, ':'), port }, onConnect).setKeepAlive(true, KEEP_ALIVE_MS);
}
