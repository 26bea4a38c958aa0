/**
 * What is parked, for a person at a terminal; it speaks HTTP with the services and nothing else:
 *   npm run dead-letters -- list [--order ID] [--type OrderPlaced] [--reason TEXT] [--state dead] [--consumer orders.views]
 *                                [--older-than SECONDS] [--younger-than SECONDS] [--limit 50]
 *   npm run dead-letters -- show inventory/12
 *   npm run dead-letters -- retry inventory/12 [--dry-run]
 *   npm run dead-letters -- retry --all [filters as of list] [--rate 10] [--limit 100] [--dry-run]
 *   npm run dead-letters -- discard inventory/12 --reason "made by hand"
 *   npm run dead-letters -- log
 * --service NAME looks at one service only, and lets 12 stand for NAME/12. The system is the one that `npm start` keeps up, or
 * --url http://localhost:3001, as for the demo. --as NAME says who you are (otherwise your login), --json gives what the
 * services say. Exit code 1 when something was refused.
 */
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { urlsFrom } from '@orderflow/client';
import { reasonOf, SetupError } from '@orderflow/local';
import { addressOf, type Address, Desk, type Many, servicesOf } from './dead-letters/desk.ts';
import { filterOf, type Flags, numberOf, options } from './dead-letters/flags.ts';
import { letterTable, logTable, opened, results } from './dead-letters/words.ts';
import { requireRunning } from './demo/running-system.ts';

const COMMANDS = ['list', 'show', 'retry', 'discard', 'log'];
const USAGE =
  'Say what to do: list, show <letter>, retry <letter>, retry --all, discard <letter> --reason "why", or log.';

const say = (flags: Flags, answer: unknown, words: string): void =>
  console.log(flags.json ? JSON.stringify(answer, null, 2) : words);

async function list(desk: Desk, flags: Flags): Promise<void> {
  const letters = await desk.list(filterOf(flags), numberOf('limit', flags.limit) ?? 50);
  say(flags, letters, letters.length === 0 ? 'Nothing is parked that fits.' : letterTable(letters));
}

async function retry(desk: Desk, flags: Flags, address: Address): Promise<void> {
  if (flags['dry-run']) {
    const answer = await desk.dryRun(address);
    return say(flags, answer, results([{ service: address.service, ...answer }]));
  }
  const answer = await desk.retry(address);
  say(flags, answer, flags.json ? '' : await desk.whatBecameOf(address));
}

async function retryAll(desk: Desk, flags: Flags): Promise<void> {
  const selection = {
    filter: filterOf(flags),
    ratePerSecond: numberOf('rate', flags.rate),
    limit: numberOf('limit', flags.limit),
  };
  if (flags['dry-run']) {
    const answers = await desk.rehearseAll(selection);
    return say(flags, answers, withRest(answers, results));
  }
  const answers = await desk.retryAll(selection);
  say(
    flags,
    answers,
    withRest(answers, (items) => `Due, one after the other:\n${letterTable(items)}`),
  );
}

function withRest<Item>(answers: readonly Many<Item>[], words: (items: readonly Item[]) => string): string {
  const items = answers.flatMap((answer) => answer.items);
  const more = answers.some((answer) => answer.more)
    ? '\nThere are more than the limit: --limit 500, or once more.'
    : '';
  return (items.length === 0 ? 'Nothing fits.' : words(items)) + more;
}

async function discard(desk: Desk, flags: Flags, address: Address): Promise<void> {
  if (flags.reason === undefined) throw new SetupError('Say why: --reason "made by hand". It is kept with the letter.');
  const answer = await desk.discard(address, flags.reason);
  say(flags, answer, `Discarded, and kept: show ${address.service}/${address.id}. What was behind it goes on.`);
}

async function run([command, letter, ...rest]: readonly string[], flags: Flags): Promise<void> {
  if (!COMMANDS.includes(command ?? '')) throw new SetupError(USAGE);
  if (rest.length > 0) throw new SetupError(`One letter at a time: what is ${rest.join(' ')}? ${USAGE}`);
  const urls = flags.url === undefined ? requireRunning().urls : urlsFrom(flags.url);
  const desk = new Desk(urls, servicesOf(flags.service), flags.as ?? userInfo().username);
  const address = () => addressOf(letter, flags.service);
  if (command === 'list') return list(desk, flags);
  if (command === 'show') {
    const answer = await desk.show(address());
    return say(flags, answer, opened(answer));
  }
  if (command === 'retry' && flags.all && letter === undefined) return retryAll(desk, flags);
  if (command === 'retry') return retry(desk, flags, address());
  if (command === 'discard') return discard(desk, flags, address());
  const actions = await desk.log(numberOf('limit', flags.limit) ?? 50);
  return say(flags, actions, actions.length === 0 ? 'Nobody has done anything yet.' : logTable(actions));
}

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  await run(positionals, values);
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
