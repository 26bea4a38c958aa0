import { placeOf } from './codecs.js';
import type { MemoryConsumer } from './memory/consumer.js';
import type { MemoryService } from './memory/store.js';
import type { Fault, FaultKind } from './plan.js';
import type { SimulatedInstance } from './simulated-instance.js';
import type { Operation, Process } from './scheduler.js';
import type { SimulatedSystem } from './simulated-system.js';

const PAST_LEASE_MS = 16_000;
const PAST_DEADLINE_MS = 61_000;

interface Target {
  readonly system: SimulatedSystem;
  readonly instance: SimulatedInstance;
  readonly process: Process;
  /** The database of its service. */
  readonly rows: MemoryService;
  /** Of the process. */
  readonly consumers: readonly MemoryConsumer[];
  readonly which: number;
}

/** Each returns a description of the fault; undefined where the fault has no target now. */
const inject: Readonly<Record<FaultKind, (target: Target) => string | undefined>> = {
  kill({ system, instance, process }) {
    system.kill(instance);
    return `kill ${process.name}`;
  },
  /** The operations that the process has started still take effect. */
  'kill after its operations'({ system, instance, process }) {
    const started = system.scheduler.ready().filter((operation) => operation.process === process);
    process.alive = false;
    for (const operation of started) operation.run();
    system.kill(instance);
    return `kill ${process.name} after ${started.map(({ label }) => label).join(', ') || 'nothing'}`;
  },
  /** A short pause goes unnoticed. During a long one the groups expel the process, and the database may end its sessions. */
  pause(target) {
    const { system, process, which } = target;
    process.pausedUntil = system.scheduler.step + 20 + which;
    if (which < 20) return `pause ${process.name}`;
    system.expel(process);
    if (which % 2) endSessions(target);
    return `pause ${process.name} until its groups expel it${which % 2 ? ' and its sessions end' : ''}`;
  },
  'expel from its groups'({ system, process }) {
    system.expel(process);
    return `expel ${process.name} from its groups`;
  },
  'lose an answer'(target) {
    const { rare } = target.system.rules;
    const operation = remoteOperation(target);
    if (operation?.label === 'COMMIT') rare.add('a commit whose answer was lost');
    if (operation?.label.startsWith('send ')) rare.add('a send whose outcome was unknown');
    operation?.run('lost');
    return operation && `lose the answer to ${operation.label} of ${operation.process.name}`;
  },
  'refuse a request'(target) {
    const operation = remoteOperation(target);
    operation?.run('refused');
    return operation && `refuse ${operation.label} of ${operation.process.name}`;
  },
  'advance the clock'({ system: { clock }, which }) {
    clock.advanceTo(clock.now + (which % 2 ? PAST_LEASE_MS : PAST_DEADLINE_MS));
    return 'advance the clock';
  },
  /** Hits the next record that a consumer of the process would fetch. */
  'make undecodable'({ system, instance, process, consumers, which }) {
    const next = consumers.flatMap((consumer) => consumer.next());
    const record = next[which % next.length];
    if (!record) return undefined;
    system.undecodable.set(placeOf(instance.service, record), 1 + (which % 2));
    return `make ${record.topic}/${record.partition}/${record.offset} undecodable for ${process.name}`;
  },
  'refuse a record'({ system, rows }) {
    const [row] = rows.outbox.rows.values();
    if (!row) return undefined;
    system.broker.refuses.add(row.headers['ce_id']!);
    return `refuse ${row.headers['ce_type']} of ${row.key.slice(-2)} at the broker`;
  },
  'store a part of a send'({ system }) {
    system.broker.storesAPart = true;
    return 'store a part of the next send';
  },
  'redeliver everything'({ process, consumers }) {
    for (const consumer of consumers) consumer.rewind();
    return `redeliver everything to ${process.name}`;
  },
  /** Events of other topics overtake those of the partition. */
  'hold back a partition'({ system, process, consumers, which }) {
    const name = consumers[which % consumers.length]?.holdBack(which, system.scheduler.step + 30 + 2 * which);
    return name && `hold back ${name} from ${process.name}`;
  },
  'end its sessions': endSessions,
  'repeat a request'({ system: { customers, instances }, which }) {
    const customer = customers[which % customers.length];
    const orders = instances.filter(({ service, process }) => service === 'orders' && process.alive);
    const instance = orders[which % orders.length];
    if (!customer || !instance) return undefined;
    void customer.repeatRequest(instance);
    return `repeat the request of order ${customer.orderId.slice(-2)}`;
  },
};

/** @returns a description of the fault; undefined where the fault has no target now */
export function injectFault(system: SimulatedSystem, { kind, which }: Fault): string | undefined {
  const instances = system.instances.filter(({ process }) => process.alive);
  const instance = instances[which % instances.length];
  if (!instance) return undefined;
  const { process, service } = instance;
  const consumers = [...system.broker.consumers].filter((consumer) => consumer.process === process);
  return inject[kind]({ system, instance, process, rows: system.services[service], consumers, which });
}

/** Turns and timers are not remote: they stay inside the process. */
function remoteOperation({ system, which }: Target): Operation | undefined {
  const remote = system.scheduler.ready().filter(({ label }) => label !== 'next turn' && label !== 'timer');
  return remote[which % remote.length];
}

function endSessions({ system, process, rows }: Target): string {
  for (const session of rows.database.sessions) {
    if (session.process !== process) continue;
    if ([...session.transactions].some(({ isOver }) => !isOver))
      system.rules.rare.add('a session ended under its transaction');
    session.end();
  }
  return `end the sessions of ${process.name}`;
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
