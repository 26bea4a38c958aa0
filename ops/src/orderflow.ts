/** `orderflow <command>`: the commands of an operator. A command is a module that exports `usage` and `main`. */
import { endWhenOutputCloses, reasonOf } from '@orderflow/local';
import { shellVariablesLine } from '@orderflow/postgres';

interface Command {
  /** Printed by `orderflow <command> --help`. */
  readonly usage: string;
  /** @returns the exit code: 0 done, 1 failed or refused */
  readonly main: (args: readonly string[]) => Promise<number>;
}

interface Entry {
  readonly summary: string;
  /** Loads the module of this command alone, so that one command does not wait for the imports of another. */
  readonly load: () => Promise<Command>;
}

const UNKNOWN_COMMAND = 2;

const commands: Readonly<Record<string, Entry>> = {
  demo: { summary: 'Place one order of each outcome and follow it', load: () => import('./demo.ts') },
  audit: { summary: 'Check that money, stock and mail add up', load: () => import('./audit.ts') },
  'dead-letters': {
    summary: 'List, show, retry and discard parked events',
    load: () => import('./dead-letters.ts'),
  },
  replay: { summary: 'Set a consumer group back to an earlier position', load: () => import('./replay.ts') },
  recover: {
    summary: 'Take back the published events that a restored database lacks',
    load: () => import('./recover.ts'),
  },
  republish: {
    summary: 'Publish again what the broker has lost',
    load: () => import('./republish.ts'),
  },
  rebuild: {
    summary: 'Build a read model or the states of orders anew while they are used',
    load: () => import('./rebuild.ts'),
  },
  migrate: { summary: 'Create and migrate the databases', load: () => import('./migrate.ts') },
  secrets: { summary: 'Make the keys and secrets of an installation', load: () => import('./secrets.ts') },
  token: { summary: 'Print a token for a system that asks its callers for one', load: () => import('./token.ts') },
  topics: { summary: 'Create the topics, and set what services require of them', load: () => import('./topics.ts') },
  acls: { summary: 'Print what each program may do at Kafka, and apply it', load: () => import('./acls.ts') },
  schemas: { summary: 'Print the schemas of all events, and register them', load: () => import('./schemas.ts') },
};

function help(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Usage: orderflow <command> [options]',
    '',
    'Commands:',
    ...lines,
    '',
    'Options of a command: orderflow <command> --help',
  ].join('\n');
}

const HELP = ['--help', '-h'];

async function run([name = '--help', ...args]: readonly string[]): Promise<number> {
  if (HELP.includes(name)) {
    console.log(help());
    return 0;
  }
  if (!Object.hasOwn(commands, name)) {
    console.error(`Unknown command ${name}. Commands: ${Object.keys(commands).join(', ')}.`);
    return UNKNOWN_COMMAND;
  }
  const ignored = shellVariablesLine();
  if (ignored !== undefined) console.error(ignored);
  const { usage, main } = await commands[name]!.load();
  if (!args.some((arg) => HELP.includes(arg))) return main(args);
  console.log(usage);
  return 0;
}

endWhenOutputCloses();
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
