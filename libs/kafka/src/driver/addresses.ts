import { connect, isIP, type Socket } from 'node:net';
import { connect as connectByTls, type ConnectionOptions } from 'node:tls';

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

interface To {
  readonly host: string;
  readonly port: number;
  /** For a connection by TLS; null, in spite of the types of kafkajs, for a plain one. */
  readonly ssl?: ConnectionOptions | null;
  readonly onConnect: () => void;
}

/** A connection, as kafkajs makes it. By TLS the certificate must be of a trusted authority and name the host. */
export function socketTo({ host: written, port, ssl, onConnect }: To): Socket {
  const host = written.replaceAll(STANDS_FOR_COLON, ':');
  // A server name of TLS is never an address (RFC 6066).
  const byTls = () => connectByTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect);
  const socket = ssl ? byTls() : connect({ host, port }, onConnect);
  return socket.setKeepAlive(true, KEEP_ALIVE_MS);
}
