/** `orderflow dead-letters`: parked events, failing calls and records that expired unread, over the HTTP API of the services. */
import { parseArgs } from 'node:util';
import { urlsFrom } from '@orderflow/client';
import { SetupError } from '@orderflow/local';
import { listCalls, logOfCalls, type Printed, retryCall, settleCall, showCall } from './dead-letters/calls.ts';
import {
  addressOf,
  type Address,
  callAddressOf,
  DeadLetterClient,
  type Selected,
  servicesOf,
} from './dead-letters/client.ts';
import { acknowledgeExpired, listExpired } from './dead-letters/expired.ts';
import { details, dryRunTable, logTable, parkedTable } from './dead-letters/format.ts';
import { filterOf, type Flags, numberOf, options, refuseLimit } from './dead-letters/options.ts';
import { requireRunning } from './demo/running-system.ts';
import { loginName, tokenOf, tokenUsage } from './caller.ts';

export const usage = `Usage: orderflow dead-letters <action> [options]

A parked event waits for another attempt. Once its attempts are used up it is a dead letter and waits for an operator.
So does an external call (charge, refund, mail) that the other side has refused too often. A call that it has put off waits too.

Actions:
  list [filters] [--limit 50]                    list parked events, the oldest first
  show inventory/12                              show one with its content, its failures and the events behind it
  retry inventory/12 [--dry-run]                 retry one; the events of the same order behind it follow
  retry --all [filters] [--rate 10] [--limit 100] [--dry-run]
                                                 retry the dead letters that match, so many a second at each service;
                                                 with --state retrying, the events that still wait for an attempt
  discard inventory/12 --reason "handled by hand"
                                                 remove one from its queue; it is kept, with the reason
  discard --all [filters] --because "a test of another team" [--limit 100] [--dry-run]
                                                 remove the dead letters that match; with --state, those in that state
  log [--calls] [--limit 50]                     list the actions of operators on events, or on calls, the latest first

Actions on calls:
  list --calls [--order ID] [--state retrying|waiting|dead]
                                                 list the calls that fail only; list without filters prints them too
  show payments/refund-<order>                   show one with its failures
  retry payments/refund-<order>                  make a dead letter again, with all its attempts, or a waiting call now
  settle payments/refund-<order> refunded-elsewhere --reason "by hand" [--reference re_123]
  settle payments/charge-<order> void --reason "not in the console"
  settle notifications/order-confirmed-<order> give-up --reason "told by phone"
                                                 answer a dead letter or a waiting call instead of the other side;
                                                 list names the choices

Actions on records that expired before they were consumed:
  list --expired                                 list those that no operator has acknowledged; list without filters
                                                 prints them too
  acknowledge payments/3 --reason "replayed by hand"
                                                 the audit and the alert RecordsExpired name them no more

Filters:
  --order ID  --type OrderPlaced  --reason TEXT  --state retrying|dead|waiting|discarded  --consumer orders.views
  --older-than SECONDS  --younger-than SECONDS

Options:
  --service NAME  use one service only; 12 then stands for NAME/12
  --url URL       the orders service, such as http://localhost:3001; the others are expected at the next ports.
                  Without it the system that \`npm start\` keeps up is used.
  --as NAME       your name in the log of actions, by default your login; a token that is given names you itself
${tokenUsage}
  --dry-run       run the event handler in a transaction that is rolled back
  --json          print the answers of the services as JSON

Exit code: 0 done, 1 refused.`;

type Action = (
  client: DeadLetterClient,
  flags: Flags,
  name: string | undefined,
  choice: string | undefined,
) => Promise<void>;

const print = (flags: Flags, answer: unknown, text: string): void =>
  console.log(flags.json ? JSON.stringify(answer, null, 2) : text);

const printed = (flags: Flags, [answer, text]: Printed): void => print(flags, answer, text);

const list: Action = async (client, flags) => {
  if (flags.calls) return printed(flags, await listCalls(client, flags));
  if (flags.expired) return printed(flags, await listExpired(client, flags));
  const parked = await client.parked(filterOf(flags), numberOf('limit', flags.limit) ?? 50);
  print(flags, parked, parked.length === 0 ? 'No parked event matches.' : parkedTable(parked));
  // With a filter or as JSON, it is a list of events.
  if (flags.json || Object.keys(filterOf(flags)).length > 0) return;
  for (const [items, text] of [await listCalls(client, flags), await listExpired(client, flags)])
    if ((items as unknown[]).length > 0) console.log(`\n${text}`);
};

const show: Action = async (client, flags, name) => {
  const call = callAddressOf(name);
  if (call) return printed(flags, await showCall(client, call));
  const parked = await client.show(addressOf(name, flags.service));
  print(flags, parked, details(parked));
};

const retry: Action = async (client, flags, name) => {
  if (flags.all && name === undefined) return retryAll(client, flags);
  const call = callAddressOf(name);
  if (call) return printed(flags, await retryCall(client, call));
  const address: Address = addressOf(name, flags.service);
  if (flags['dry-run']) {
    const result = await client.dryRun(address);
    return print(flags, result, dryRunTable([result]));
  }
  const parked = await client.retry(address);
  print(flags, parked, flags.json ? '' : await client.resultOf(address));
};

async function retryAll(client: DeadLetterClient, flags: Flags): Promise<void> {
  const selection = {
    filter: filterOf(flags),
    ratePerSecond: numberOf('rate', flags.rate),
    limit: numberOf('limit', flags.limit),
  };
  if (flags['dry-run']) {
    const results = await client.dryRunAll(selection);
    return print(flags, results, allOf(results, dryRunTable));
  }
  const retried = await client.retryAll(selection);
  const text = allOf(retried, (items) => `Due, one after the other:\n${parkedTable(items)}`);
  print(flags, retried, text);
}

function allOf<Item>(answers: readonly Selected<Item>[], table: (items: readonly Item[]) => string): string {
  const items = answers.flatMap((answer) => answer.items);
  const more = answers.some((answer) => answer.more)
    ? '\nMore events match than the limit: raise it (--limit 500), or run the command again.'
    : '';
  return (items.length === 0 ? 'No dead letter matches.' : table(items)) + more;
}

async function discardAll(client: DeadLetterClient, flags: Flags): Promise<void> {
  if (flags.because === undefined)
    throw new SetupError('--because is missing: it is kept with each event (--reason is a filter here).');
  const dryRun = flags['dry-run'] ?? false;
  const limit = numberOf('limit', flags.limit);
  const answers = await client.discardAll({ filter: filterOf(flags), reason: flags.because, limit, dryRun });
  const title = dryRun ? 'Would be discarded:' : 'Discarded; the events behind them follow:';
  print(
    flags,
    answers,
    allOf(answers, (items) => `${title}\n${parkedTable(items)}`),
  );
}

const discard: Action = async (client, flags, name) => {
  if (flags.all && name === undefined) return discardAll(client, flags);
  const address = addressOf(name, flags.service);
  if (flags.reason === undefined)
    throw new SetupError('--reason is missing: it is kept with the event, such as --reason "handled by hand".');
  const parked = await client.discard(address, flags.reason);
  const text = `Discarded. Its content is kept (show ${address.service}/${address.id}); the events behind it follow.`;
  print(flags, parked, text);
};

const settle: Action = async (client, flags, name, choice) =>
  printed(flags, await settleCall(client, flags, [name, choice]));

const acknowledge: Action = async (client, flags, name) =>
  printed(flags, await acknowledgeExpired(client, flags, name));

const log: Action = async (client, flags) => {
  if (flags.calls) return printed(flags, await logOfCalls(client, flags));
  const actions = await client.log(numberOf('limit', flags.limit) ?? 50);
  print(flags, actions, actions.length === 0 ? 'No operator has done anything yet.' : logTable(actions));
};

const actions: Readonly<Record<string, Action>> = { list, show, retry, discard, settle, acknowledge, log };

export async function main(args: readonly string[]): Promise<number> {
  const { values: flags, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [action = '', name, ...more] = positionals;
  const [choice, ...rest] = action === 'settle' ? more : [undefined, ...more];
  const hint = 'See orderflow dead-letters --help.';
  if (!Object.hasOwn(actions, action))
    throw new SetupError(`The action is one of ${Object.keys(actions).join(', ')}. ${hint}`);
  if (rest.length > 0) throw new SetupError(`One parked event at a time: unexpected ${rest.join(' ')}. ${hint}`);
  if (name !== undefined && (action === 'list' || action === 'log'))
    throw new SetupError(`Unexpected ${name}: ${action} takes options alone, such as --service inventory. ${hint}`);
  refuseLimit(flags.limit);
  const urls = flags.url === undefined ? requireRunning().urls : urlsFrom(flags.url);
  const operator = flags.as ?? loginName();
  // An admin's: which role an action needs is for the services to say.
  const token = await tokenOf({ ...flags, as: operator, role: 'admin' });
  const client = new DeadLetterClient(urls, servicesOf(flags.service), { name: operator, token });
  await actions[action]!(client, flags, name, choice);
  return 0;
}
