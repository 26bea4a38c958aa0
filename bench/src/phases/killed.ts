import type { Service } from '@orderflow/contracts';
import { readFacts, untilSettled } from '../checks/read-facts.ts';
import { isSound, judge, type Verdict } from '../checks/verdict.ts';
import type { Audit, Contender, MeasuredSystem } from '../systems/measured-system.ts';
import type { Workload } from '../workloads.ts';
import { type Place, Run, UNITS } from './run.ts';

/**
 * The services that are killed. Not orders, since a request that it cannot answer any more has an unknown outcome, except where
 * it is the whole system.
 */
export const victimsOf = ({ services }: Pick<MeasuredSystem, 'services'>): readonly Service[] =>
  services.length === 1 ? services : services.filter((name) => name !== 'orders');

export interface KillSize {
  /** Orders for each killed service. */
  readonly killed: number;
  readonly concurrency: number;
}

/** What became of the orders of one system, by the service that was killed. */
export interface Kills {
  readonly name: string;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** At the end. */
  readonly audit: Audit;
}

/** Whether nothing was lost or doubled; a mail may be, since SMTP cannot say whether the one that was cut off has arrived. */
export const survived = ({ verdicts, audit }: Kills): boolean =>
  audit.ok && Object.values(verdicts).every((verdict) => isSound({ ...verdict, mailedTwice: 0 }));

/** Kills a service (SIGKILL) once half of the orders are accepted, and starts it again at once. */
async function kill(
  run: Run,
  victim: Service,
  workload: Workload,
  { killed, concurrency }: KillSize,
): Promise<Verdict> {
  const { system, generator } = run;
  const first = await generator.atOnce(Math.floor(killed / 2), concurrency, workload);
  const restart = async () => {
    await system.service(victim).kill('SIGKILL');
    await system.service(victim).start();
  };
  const restarted = restart();
  // Meanwhile nothing takes orders; those of the first half are under way.
  if (victim === 'orders') await restarted;
  const second = await generator.atOnce(Math.ceil(killed / 2), concurrency, workload);
  await restarted;
  await untilSettled(system, generator.accepted.size);
  const placed = new Set([...first, ...second].map(({ orderId }) => orderId));
  return judge(await readFacts(system, generator.accepted, UNITS), placed);
}

/** Starts a system, kills each of its services in the middle of orders, and stops it. @param name as that of a turn */
export async function killEach(place: Place, contender: Contender, name: string, size: KillSize): Promise<Kills> {
  const run = await Run.begin(place, contender, name);
  const verdicts: Record<string, Verdict> = {};
  for (const victim of victimsOf(run.system))
    verdicts[victim] = await kill(run, victim, place.market.workloads[0]!, size);
  const audit = await run.system.audit();
  await run.end();
  return { name: contender.name, verdicts, audit };
}
