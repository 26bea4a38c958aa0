/** What `Profiler.stop` of the inspector returns, and a .cpuprofile file holds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of the nodes that were running. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** The process does nothing in them. */
const IDLE = new Set(['(root)', '(idle)', '(program)']);

/** Idle time, and that of the profiler itself. */
export const isLeftOut = ({ callFrame }: ProfileNode): boolean =>
  IDLE.has(callFrame.functionName) || callFrame.url === 'node:inspector';

/** Milliseconds that each node was running itself, by its id. */
export function selfTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const times = new Map<number, number>();
  for (const [index, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  return times;
}

/** The package of a function: `pg`, `node:internal`, `apps/orders`, or `(garbage collector)`. */
export function packageOf({ callFrame: { url, functionName } }: ProfileNode): string {
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  if (name !== undefined) return name;
  const [, own] = /\/((?:apps|libs)\/[^/]+)\//.exec(url) ?? [];
  if (own !== undefined) return own;
  if (url.startsWith('node:')) return url.startsWith('node:internal') ? 'node:internal' : url;
  if (url !== '') return 'other';
  return functionName === '(garbage collector)' ? functionName : 'native';
}

/** Milliseconds by package, without those that are left out; the largest first. */
export function timesByPackage(profile: CpuProfile): [name: string, ms: number][] {
  const self = selfTimes(profile);
  const times = new Map<string, number>();
  for (const node of profile.nodes) {
    const ms = self.get(node.id) ?? 0;
    if (ms > 0 && !isLeftOut(node)) times.set(packageOf(node), (times.get(packageOf(node)) ?? 0) + ms);
  }
  return [...times].toSorted(([, one], [, other]) => other - one);
}
