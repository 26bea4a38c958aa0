/**
 * Causes the condition of an alert on a real system of its own, with a real Prometheus and the committed rules, and waits until
 * the alert fires, the condition is undone, the alert is resolved and the books add up:
 *   npm run game-day                   lists the alerts
 *   npm run game-day -- OutboxOld      one of them
 *   npm run game-day -- all            one after another
 * Exit code 0 only if all of that held. What each alert means and what to do: docs/runbook.md.
 */
import { parseArgs } from 'node:util';
import { reasonOf, SetupError, stopAll } from '@orderflow/local';
import { tableOf } from '../../../ops/src/demo/table.ts';
import { type Drill, drills } from './drills.ts';
import { alertNames, prometheusCommand } from './prometheus.ts';
import { runDrill } from './run.ts';
import { Timeline } from './timeline.ts';
import { isEnding, runAndClean } from '@orderflow/local';

const runbookOf = (alert: string): string => `docs/runbook.md#${alert.toLowerCase()}`;

function list(): void {
  const rows = drills.map(({ alert, causes, seconds }) => [alert, `${seconds} s`, causes, runbookOf(alert)]);
  console.log(tableOf([['alert', 'fires after about', 'what is done', 'runbook'], ...rows]));
  console.log('\nnpm run game-day -- <alert>, or all');
}

/** @throws SetupError when there is no such alert, or no drill for one that is committed */
function drillsNamed(names: readonly string[]): Drill[] {
  const wanted = names.includes('all') ? alertNames() : names;
  return wanted.map((name) => {
    const drill = drills.find(({ alert }) => alert.toLowerCase() === name.toLowerCase());
    if (drill !== undefined) return drill;
    throw new SetupError(`There is no drill for ${name}: choose of ${drills.map(({ alert }) => alert).join(', ')}.`);
  });
}

async function tryOut(drill: Drill): Promise<string[]> {
  console.log(`\nGame day: ${drill.alert} (${runbookOf(drill.alert)})`);
  const timeline = new Timeline();
  let verdict = 'ok';
  try {
    await runDrill(drill, timeline);
  } catch (error) {
    if (isEnding()) throw error;
    timeline.say(`FAILED: ${reasonOf(error)}`);
    verdict = 'FAILED';
    await stopAll();
  }
  const seconds = [
    timeline.between('caused', 'pending'),
    timeline.between('caused', 'firing'),
    timeline.between('mended', 'resolved'),
  ];
  return [drill.alert, ...seconds, verdict];
}

async function run(): Promise<boolean> {
  const { positionals } = parseArgs({ allowPositionals: true });
  if (positionals.length === 0) {
    list();
    return true;
  }
  const chosen = drillsNamed(positionals);
  prometheusCommand();
  const rows: string[][] = [];
  for (const drill of chosen) rows.push(await tryOut(drill));
  const heading = ['alert', 'pending after s', 'firing after s', 'resolved s after the mend', ''];
  console.log(`\n${tableOf([heading, ...rows])}`);
  return rows.every((row) => row.at(-1) === 'ok');
}

await runAndClean(run);
