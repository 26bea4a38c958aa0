import { type Service, services } from '@orderflow/contracts';
import { SystemClient } from '@orderflow/client';
import type { Copies } from './copies.ts';
import type { Member } from './member.ts';
import type { StoppablePart } from './parts.ts';
import type { ProxyFault } from './proxy.ts';
import type { Fault } from './schedule.ts';
import type { ChaosStack } from './stack.ts';

/** Ends the fault. @returns since when recovery counts, by `performance.now()` */
type Mend = () => Promise<number>;

const isService = (target: string): target is Service => services.some((it) => it === target);

/** The process that a fault is about; none where it is about a part that all share. */
export const memberOf = (stack: ChaosStack, { target, member }: Fault): Member | undefined =>
  isService(target) ? stack.member(target, member) : undefined;

async function hitMember(member: Member, kind: Fault['kind']): Promise<Mend> {
  // It may still be on its way back from the last one.
  await member.whenUp();
  member.disturbed = true;
  if (kind === 'SIGSTOP') {
    const thaw = member.freeze();
    return async () => {
      thaw();
      member.disturbed = false;
      return Promise.resolve(performance.now());
    };
  }
  await member.kill(kind as NodeJS.Signals);
  return async () => {
    // Not waited for: what it needs may be away.
    member.start();
    member.disturbed = false;
    return Promise.resolve(member.startedAt);
  };
}

async function hitPart(part: StoppablePart, kind: Fault['kind']): Promise<Mend> {
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

async function endOutside(stack: ChaosStack, target: 'provider' | 'mail'): Promise<Mend> {
  const client = new SystemClient(stack.urls);
  const section = target === 'provider' ? 'payments' : 'mail';
  await stack.member('sandbox').whenUp();
  await client.setFaults({ [section]: { outage: true } });
  return async () => {
    await client.setFaults({ [section]: {} });
    return performance.now();
  };
}

function disturbDelivery(stack: ChaosStack, copies: Copies, { heldBack }: Fault): Mend {
  if (heldBack === undefined) copies.begin();
  else stack.hold(heldBack.at, [heldBack.topic]);
  return async () => {
    if (heldBack === undefined) copies.end();
    else stack.hold(heldBack.at, []);
    return Promise.resolve(performance.now());
  };
}

/** Does it. @returns what mends it */
export async function inflict(stack: ChaosStack, copies: Copies, fault: Fault): Promise<Mend> {
  const { target, kind } = fault;
  const member = memberOf(stack, fault);
  if (member !== undefined) return hitMember(member, kind);
  if (target === 'provider' || target === 'mail') return endOutside(stack, target);
  if (target !== 'broker' && target !== 'postgres') return disturbDelivery(stack, copies, fault);
  const proxied = proxyFault(kind);
  if (proxied === undefined) return hitPart(stack[target], kind);
  const mend = stack.proxies[target].begin(proxied);
  return async () => {
    mend();
    return Promise.resolve(performance.now());
  };
}
