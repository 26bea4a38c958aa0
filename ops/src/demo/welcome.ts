import { styleText } from 'node:util';
import type { RunningSystem } from './running-system.ts';
import { tableOf } from './table.ts';

/** What is shorter here than in production, said before the orders are placed. */
export const rulesOfTheDemo = (orderDeadlineSeconds: number, silenceSeconds: number): string =>
  [
    `An order that is still pending after ${orderDeadlineSeconds} s is cancelled (ORDER_DEADLINE_SECONDS; 60 where nothing is set).`,
    `The payment provider, for tok_timeout, charges at once and says so only after ${silenceSeconds} s.`,
  ].join('\n');

/** What a person can look at and try while the system is up. */
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
    styleText('bold', 'Place an order, and see what became of it:'),
    `curl -s ${urls.orders}/orders -H 'content-type: application/json' -d '${JSON.stringify(order)}'`,
    `curl -s '${urls.orders}/orders?limit=1'`,
    styleText('bold', 'Take the mail server away for a while, and bring it back:'),
    `curl -s -X PUT ${sandbox}/faults -H 'content-type: application/json' -d '{"mail":{"outage":true}}'`,
    `curl -s -X PUT ${sandbox}/faults -H 'content-type: application/json' -d '{"mail":{}}'`,
    '',
    'Everything is up. Ctrl-C stops all of it; the data stays in .data/ for the next start.',
  ].join('\n');
}
