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

async function hitInstance(instance: ServiceInstance, kind: Fault['kind']): Promise<Mend> {
  // It may still be recovering from the last fault.
  await instance.whenReady();
  instance.isFaulty = true;
  if (kind === 'SIGSTOP') {
    const thaw = instance.freeze();
    return async () => {
      thaw();
      instance.isFaulty = false;
      return Promise.resolve(performance.now());
    };
  }
  await instance.kill(kind as NodeJS.Signals);
  return async () => {
    // Not awaited: a dependency may be unavailable.
    instance.start();
    instance.isFaulty = false;
    return Promise.resolve(instance.startedAt);
  };
}

async function hitPart(part: RestartablePart, kind: Fault['kind']): Promise<Mend> {
  if (kind === 'SIGSTOP') {
    const thaw = await part.freeze();
    return async () => {
      thaw();
      return Promise.resolve(performance.now());
    };
  }
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
  return async () => {
    await client.setFaults({ [section]: {} });
    return performance.now();
  };
}

function disturbDelivery(stack: ChaosStack, duplicator: EventDuplicator, { heldBack }: Fault): Mend {
  if (heldBack === undefined) duplicator.begin();
  else stack.hold(heldBack.at, [heldBack.topic]);
  return async () => {
    if (heldBack === undefined) duplicator.end();
    else stack.hold(heldBack.at, []);
    return Promise.resolve(performance.now());
  };
}

/** Injects a fault. @returns a function that mends it */
export async function inject(stack: ChaosStack, duplicator: EventDuplicator, fault: Fault): Promise<Mend> {
  const { target, kind } = fault;
  const instance = instanceOf(stack, fault);
  if (instance !== undefined) return hitInstance(instance, kind);
  if (target === 'provider' || target === 'mail') return beginOutage(stack, target);
  if (target !== 'broker' && target !== 'postgres') return disturbDelivery(stack, duplicator, fault);
  const proxied = proxyFault(kind);
  if (proxied === undefined) return hitPart(stack[target], kind);
  const mend = stack.proxies[target].begin(proxied);
  return async () => {
    mend();
    return Promise.resolve(performance.now());
  };
}
