import { styleText } from 'node:util';
import type { ServiceUrls } from '@orderflow/client';
import type { RunningSystem } from './running-system.ts';
import { tableOf } from './table.ts';

/** The settings that are shorter than in production, for the lines before the orders. */
export const rulesOfTheDemo = (orderDeadlineSeconds: number, silenceSeconds: number): string =>
  [
    `An order that is still pending after ${orderDeadlineSeconds} s is cancelled (ORDER_DEADLINE_SECONDS; the default of the service is 60).`,
    `For tok_timeout the payment provider charges at once and answers only after ${silenceSeconds} s.`,
  ].join('\n');

/**
 * URLs, log files and commands to try while the system is up.
 * @param logs their folder
 * @param token of an admin, which signs a browser in where callers need one
 */
export function welcome(
  { urls, consoleUrl, tokensBy }: RunningSystem,
  logs: string,
  token: string | undefined,
): string {
  const { sandbox, ...services } = urls;
  const places = Object.entries(services).map(([name, url]) => [name, `${url}/docs`, `${logs}/${name}.log`]);
  const table = tableOf([
    ['service', 'API', 'log'],
    ...places,
    ...(consoleUrl === undefined ? [] : [['console', `${consoleUrl}/docs`, `${logs}/console.log`]]),
    ['sandbox', `${sandbox}/docs`, `${logs}/sandbox.log`],
    ['  charges', `${sandbox}/charges`, ''],
    ['  mails', `${sandbox}/mails`, ''],
  ]);
  return [
    table,
    '',
    ...commandsFor(urls, tokensBy),
    '',
    ...(consoleUrl === undefined
      ? []
      : [styleText('bold', 'Place orders by a click, watch them, and go back in their time:'), consoleUrl, '']),
    ...(consoleUrl === undefined || token === undefined
      ? []
      : [styleText('bold', 'The same, signed in as an admin for a day:'), `${consoleUrl}/#token=${token}`, '']),
    'Everything is up. Ctrl-C stops all of it; the data stays in .data/ for the next start.',
  ].join('\n');
}

/** Lines to paste; where callers need a token, the ones that print it come first. */
function commandsFor({ orders, sandbox }: ServiceUrls, tokensBy: RunningSystem['tokensBy']): string[] {
  const order = { email: 'me@example.com', lines: [{ sku: 'grinder', quantity: 1 }], paymentToken: 'tok_visa' };
  const json = `-H 'content-type: application/json'`;
  const bearer = tokensBy === undefined ? '' : ' -H "authorization: Bearer $TOKEN"';
  const tokenFor = (caller: string) => (tokensBy === 'orderflow' ? [`TOKEN=$(npm run -s token -- ${caller})`] : []);
  return [
    styleText('bold', 'Place an order, and read its status:'),
    ...tokenFor('--customer me'),
    `curl -s ${orders}/orders${bearer} ${json} -d '${JSON.stringify({ customerId: 'me', ...order })}'`,
    `curl -s '${orders}/orders?limit=1'${bearer}`,
    styleText('bold', 'Stop the mail server for a while, and start it again:'),
    ...tokenFor('--role admin'),
    `curl -s -X PUT ${sandbox}/faults${bearer} ${json} -d '{"mail":{"outage":true}}'`,
    `curl -s -X PUT ${sandbox}/faults${bearer} ${json} -d '{"mail":{}}'`,
  ];
}
