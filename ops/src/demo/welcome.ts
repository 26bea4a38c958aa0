import { styleText } from 'node:util';
import type { RunningSystem } from './running-system.ts';
import { tableOf } from './table.ts';

/** The settings that are shorter than in production, for the lines before the orders. */
export const rulesOfTheDemo = (orderDeadlineSeconds: number, silenceSeconds: number): string =>
  [
    `An order that is still pending after ${orderDeadlineSeconds} s is cancelled (ORDER_DEADLINE_SECONDS; the default of the service is 60).`,
    `For tok_timeout the payment provider charges at once and answers only after ${silenceSeconds} s.`,
  ].join('\n');

/** URLs, log files and commands to try while the system is up. */
export function welcome({ urls }: RunningSystem, logs: string): string {
  const { sandbox, ...services } = urls;
  const places = Object.entries(services).map(([name, url]) => [name, `${url}/docs`, `${logs}/${name}.log`]);
  const table = tableOf([
    ['service', 'API', 'log'],
    ...places,
    ['sandbox', `${sandbox}/docs`, `${logs}/sandbox.log`],
    ['  charges', `${sandbox}/charges`, ''],
    ['  mails', `${sandbox}/mails`, ''],
  ]);
  const order = {
    customerId: 'me',
    email: 'me@example.com',
    lines: [{ sku: 'grinder', quantity: 1 }],
    paymentToken: 'tok_visa',
  };
  return [
    table,
    '',
    styleText('bold', 'Place an order, and read its status:'),
    `curl -s ${urls.orders}/orders -H 'content-type: application/json' -d '${JSON.stringify(order)}'`,
    `curl -s '${urls.orders}/orders?limit=1'`,
    styleText('bold', 'Stop the mail server for a while, and start it again:'),
    `curl -s -X PUT ${sandbox}/faults -H 'content-type: application/json' -d '{"mail":{"outage":true}}'`,
    `curl -s -X PUT ${sandbox}/faults -H 'content-type: application/json' -d '{"mail":{}}'`,
    '',
    'Everything is up. Ctrl-C stops all of it; the data stays in .data/ for the next start.',
  ].join('\n');
}
