/**
 * Causes the condition of an alert on a real system of its own, with a real Prometheus and the committed rules. Waits until
 * the alert fires, the condition is mended, the alert is resolved and the books add up:
 *   npm run game-day                   lists the alerts
 *   npm run game-day -- OutboxOld      one of them
 *   npm run game-day -- all            one after another
 * Exit code 0 only if all of that held. Meaning and remedy of each alert: docs/runbook.md.
 */
import { parseArgs } from 'node:util';
import { isEnding, reasonOf, runAndClean, SetupError, stopAll } from '@orderflow/local';
import { tableOf } from '../../../ops/src/demo/table.ts';
import { type Drill, drills } from './drills.ts';
import { prometheusCommand } from './prometheus.ts';
import { DrillRun } from './run.ts';

const runbookOf = (alert: string): string => `docs/runbook.md#${alert.toLowerCase()}`;

function list(): void {
  const rows = drills.map(({ alert, causes, seconds }) => [alert, `${seconds} s`, causes, runbookOf(alert)]);
  console.log(tableOf([['alert', 'fires after about', 'cause', 'runbook'], ...rows]));
  console.log('\nnpm run game-day -- <alert>, or all');
}

/** @throws SetupError for an alert without a drill */
function drillNamed(name: string): Drill {
  const drill = drills.find(({ alert }) => alert.toLowerCase() === name.toLowerCase());
  if (drill !== undefined) return drill;
  throw new SetupError(`There is no drill for ${name}: choose one of ${drills.map(({ alert }) => alert).join(', ')}.`);
}

/** @returns a row of the final table */
async function play(drill: Drill): Promise<string[]> {
  console.log(`\nGame day: ${drill.alert} (${runbookOf(drill.alert)})`);
  const run = new DrillRun(drill);
  let verdict = 'ok';
  try {
    await run.run();
  } catch (error) {
    if (isEnding()) throw error;
    run.print(`FAILED: ${reasonOf(error)}`);
    verdict = 'FAILED';
    await stopAll();
  }
  const moments = [
    run.between('caused', 'pending'),
    run.between('caused', 'firing'),
    run.between('mended', 'resolved'),
  ];
  return [drill.alert, ...moments, verdict];
}

async function run(): Promise<boolean> {
  const { positionals } = parseArgs({ allowPositionals: true });
  if (positionals.length === 0) {
    list();
    return true;
  }
  const chosen = positionals.includes('all') ? drills : positionals.map(drillNamed);
  prometheusCommand();
  const rows: string[][] = [];
  for (const drill of chosen) rows.push(await play(drill));
  const heading = ['alert', 'pending after s', 'firing after s', 'resolved s after the mend', ''];
  console.log(`\n${tableOf([heading, ...rows])}`);
  return rows.every((row) => row.at(-1) === 'ok');
}

await runAndClean(run);
