import { placeOf } from './codecs.js';
import type { Fault } from './plan.js';
import type { SimulatedInstance } from './simulated-instance.js';
import type { Operation } from './scheduler.js';
import type { SimulatedSystem } from './simulated-system.js';

const PAST_LEASE_MS = 16_000;
const PAST_DEADLINE_MS = 61_000;

/** @returns a description of the fault; undefined where the fault has no target now */
export function injectFault(system: SimulatedSystem, { kind, which }: Fault): string | undefined {
  const instances = system.instances.filter(({ process }) => process.alive);
  const instance = instances[which % instances.length];
  if (!instance) return undefined;
  const { process } = instance;
  switch (kind) {
    case 'kill':
      system.kill(instance);
      return `kill ${process.name}`;
    case 'kill after its operations':
      return killAfterItsOperations(system, instance);
    case 'pause':
      return pause(system, instance, which);
    case 'expel from its groups':
      system.expel(process);
      return `expel ${process.name} from its groups`;
    case 'lose an answer':
      return atOperation(system, which, (operation) => loseAnswer(system, operation));
    case 'refuse a request':
      return atOperation(system, which, (operation) => {
        operation.run('refused');
        return `refuse ${operation.label} of ${operation.process.name}`;
      });
    case 'advance the clock':
      system.clock.advanceTo(system.clock.now + (which % 2 ? PAST_LEASE_MS : PAST_DEADLINE_MS));
      return 'advance the clock';
    case 'make undecodable':
      return makeUndecodable(system, instance, which);
    case 'refuse a record':
      return refuseRecord(system, instance);
    case 'store a part of a send':
      system.broker.storesAPart = true;
      return 'store a part of the next send';
    case 'redeliver everything':
      for (const consumer of system.broker.consumers) if (consumer.process === process) consumer.rewind();
      return `redeliver everything to ${process.name}`;
    case 'hold back a partition':
      return holdBack(system, instance, which);
    case 'end its sessions':
      return endSessions(system, instance);
    case 'repeat a request':
      return repeatRequest(system, which);
  }
}

/** A short pause goes unnoticed. During a long one the groups expel the process, and the database may end its sessions. */
function pause(system: SimulatedSystem, instance: SimulatedInstance, which: number): string {
  const { process } = instance;
  process.pausedUntil = system.scheduler.step + 20 + which;
  if (which < 20) return `pause ${process.name}`;
  system.expel(process);
  if (which % 2) endSessions(system, instance);
  return `pause ${process.name} until its groups expel it${which % 2 ? ' and its sessions end' : ''}`;
}

/** The operations that the process has started still take effect. */
function killAfterItsOperations(system: SimulatedSystem, instance: SimulatedInstance): string {
  const started = system.scheduler.ready().filter(({ process }) => process === instance.process);
  instance.process.alive = false;
  for (const operation of started) operation.run();
  system.kill(instance);
  return `kill ${instance.process.name} after ${started.map(({ label }) => label).join(', ') || 'nothing'}`;
}

function atOperation(
  system: SimulatedSystem,
  which: number,
  act: (operation: Operation) => string,
): string | undefined {
  // Turns and timers stay inside the process.
  const remote = system.scheduler.ready().filter(({ label }) => label !== 'next turn' && label !== 'timer');
  const operation = remote[which % remote.length];
  return operation && act(operation);
}

function loseAnswer({ rules }: SimulatedSystem, operation: Operation): string {
  if (operation.label === 'COMMIT') rules.rare.add('a commit whose answer was lost');
  if (operation.label.startsWith('send ')) rules.rare.add('a send whose outcome was unknown');
  operation.run('lost');
  return `lose the answer to ${operation.label} of ${operation.process.name}`;
}

/** Hits the next record that a consumer of the process would fetch. */
function makeUndecodable(
  system: SimulatedSystem,
  { process, service }: SimulatedInstance,
  which: number,
): string | undefined {
  const next = [...system.broker.consumers].flatMap((consumer) =>
    consumer.process === process ? consumer.next() : [],
  );
  const record = next[which % next.length];
  if (!record) return undefined;
  system.undecodable.set(placeOf(service, record), 1 + (which % 2));
  return `make ${record.topic}/${record.partition}/${record.offset} undecodable for ${process.name}`;
}

function refuseRecord(system: SimulatedSystem, { service }: SimulatedInstance): string | undefined {
  const [row] = system.services[service].outbox.rows.values();
  if (!row) return undefined;
  system.broker.refuses.add(row.headers['ce_id']!);
  return `refuse ${row.headers['ce_type']} of ${row.key.slice(-2)} at the broker`;
}

/** Events of other topics overtake those of the partition. */
function holdBack(system: SimulatedSystem, { process }: SimulatedInstance, which: number): string | undefined {
  const own = [...system.broker.consumers].filter((consumer) => consumer.process === process);
  const name = own[which % own.length]?.holdBack(which, system.scheduler.step + 30 + 2 * which);
  return name && `hold back ${name} from ${process.name}`;
}

function endSessions(system: SimulatedSystem, { process, service }: SimulatedInstance): string {
  for (const session of system.services[service].database.sessions) {
    if (session.process !== process) continue;
    if ([...session.transactions].some(({ isOver }) => !isOver))
      system.rules.rare.add('a session ended under its transaction');
    session.end();
  }
  return `end the sessions of ${process.name}`;
}

function repeatRequest({ customers, instances }: SimulatedSystem, which: number): string | undefined {
  const customer = customers[which % customers.length];
  const orders = instances.filter(({ service, process }) => service === 'orders' && process.alive);
  const instance = orders[which % orders.length];
  if (!customer || !instance) return undefined;
  void customer.repeatRequest(instance);
  return `repeat the request of order ${customer.orderId.slice(-2)}`;
}

/** Ends every fault that lasts. */
export function endFaults({ instances, broker }: SimulatedSystem): void {
  for (const { process } of instances) process.pausedUntil = 0;
  for (const consumer of broker.consumers) consumer.release();
  broker.refuses.clear();
  broker.storesAPart = false;
}

/** Sends rejected outbox rows again, which only an operator does. @returns whether there were any */
export function resendRejectedRows({ services }: SimulatedSystem): boolean {
  const resent = Object.values(services).map(({ outbox, database }) => {
    const rejected = [...outbox.rows].filter(([, { isRejected }]) => isRejected);
    for (const [id, row] of rejected) outbox.rows.set(id, { ...row, isRejected: false });
    database.version++;
    return rejected.length > 0;
  });
  return resent.includes(true);
}
