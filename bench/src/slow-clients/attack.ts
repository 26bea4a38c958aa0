/**
 * Holds slow connections to orders until SIGTERM:  node bench/src/slow-clients/attack.ts <url of orders> <connections>
 * A process of its own, so that its work delays no request that is measured. Prints `open` once all are open, and its counts at the end.
 */
import { constants, setPriority } from 'node:os';
import { SlowClients } from './slow-clients.ts';

// Slow clients have machines of their own: on this one they must not take the processor from the services.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const [url = '', connections] = process.argv.slice(2);
const clients = new SlowClients(url, { reopens: true });
process.once('SIGTERM', () => {
  const { count, ended, timedOut } = clients;
  console.log(JSON.stringify({ count, ended, timedOut }));
  process.exit();
});
await clients.begin(Number(connections));
console.log('open');
