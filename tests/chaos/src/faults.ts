import { SystemClient } from '@orderflow/client';
import { type Service, services } from '@orderflow/contracts';
import type { EventDuplicator } from './event-duplicator.ts';
import type { RestartablePart } from './infrastructure.ts';
import type { ProxyFault } from './proxy.ts';
import type { Fault } from './schedule.ts';
import type { ServiceInstance } from './service-instance.ts';
import type { ChaosStack } from './stack.ts';

/** Ends a fault. @returns the start of its recovery, by `performance.now()` */
type Mend = () => Promise<number>;

const isService = (target: string): target is Service => services.some((it) => it === target);

/** The process that a fault hits; undefined if it hits a part that all share. */
export const instanceOf = (stack: ChaosStack, { target, instance }: Fault): ServiceInstance | undefined =>
  isService(target) ? stack.instance(target, instance) : undefined;

/** A mend whose recovery starts when it is done. */
const mendBy =
  (end: () => unknown): Mend =>
  async () => {
    await end();
    return performance.now();
  };

async function hitInstance(instance: ServiceInstance, kind: Fault['kind']): Promise<Mend> {
  // It may still be recovering from the last fault.
  await instance.whenReady();
  instance.isFaulty = true;
  const thaw = kind === 'SIGSTOP' ? instance.freeze() : undefined;
  if (thaw === undefined) await instance.kill(kind as NodeJS.Signals);
  return mendBy(() => {
    if (thaw) thaw();
    // Not awaited: a dependency may be unavailable.
    else instance.start();
    instance.isFaulty = false;
  });
}

async function hitPart(part: RestartablePart, kind: Fault['kind']): Promise<Mend> {
  if (kind === 'SIGSTOP') return mendBy(await part.freeze());
  await (kind === 'SIGKILL' ? part.kill() : part.stop());
  return async () => {
    await part.start();
    return part.openAt;
  };
}

const DELAY_MS = 250;

function proxyFault(kind: Fault['kind']): ProxyFault | undefined {
  if (kind === 'delay') return { kind, ms: DELAY_MS };
  return kind === 'reset' || kind === 'half-open' || kind === 'withheld answers' ? { kind } : undefined;
}

async function beginOutage(stack: ChaosStack, target: 'provider' | 'mail'): Promise<Mend> {
  const client = new SystemClient(stack.urls);
  const section = target === 'provider' ? 'payments' : 'mail';
  await stack.instance('sandbox').whenReady();
  await client.setFaults({ [section]: { outage: true } });
  return mendBy(async () => client.setFaults({ [section]: {} }));
}

function disturbDelivery(stack: ChaosStack, duplicator: EventDuplicator, { heldBack }: Fault): Mend {
  if (heldBack !== undefined) {
    stack.hold(heldBack.at, [heldBack.topic]);
    return mendBy(() => stack.hold(heldBack.at, []));
  }
  duplicator.isOn = true;
  return mendBy(() => (duplicator.isOn = false));
}

/** Injects a fault. @returns a function that mends it */
export async function inject(stack: ChaosStack, duplicator: EventDuplicator, fault: Fault): Promise<Mend> {
  const { target, kind } = fault;
  const instance = instanceOf(stack, fault);
  if (instance !== undefined) return hitInstance(instance, kind);
  if (target === 'provider' || target === 'mail') return beginOutage(stack, target);
  if (target !== 'broker' && target !== 'postgres') return disturbDelivery(stack, duplicator, fault);
  const proxied = proxyFault(kind);
  return proxied === undefined ? hitPart(stack[target], kind) : mendBy(stack.proxies[target].begin(proxied));
}
