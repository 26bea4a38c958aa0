import { describe, expect, it } from '@jest/globals';
import { type CpuProfile, timesByPackage } from './cpu-profile.ts';
import { flameGraphOf } from './flame-graph.ts';

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 4 });

/** 3 ms in pg below `handle`, 1 ms in `handle` itself, 2 ms of garbage collection, 10 ms idle, and 9 ms in the profiler. */
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 4, 5, 6] },
    { id: 2, callFrame: frame('handle', 'file:///work/apps/orders/dist/main.js'), children: [3] },
    { id: 3, callFrame: frame('parse<T>', 'file:///work/node_modules/pg/lib/client.js') },
    { id: 4, callFrame: frame('(garbage collector)') },
    { id: 5, callFrame: frame('(idle)') },
    { id: 6, callFrame: frame('post', 'node:inspector') },
  ],
  samples: [2, 3, 5, 3, 4, 6],
  timeDeltas: [1_000, 1_000, 10_000, 2_000, 2_000, 9_000],
};

describe('a CPU profile', () => {
  it('has the busy time of each package, the largest first', () => {
    expect(timesByPackage(profile)).toEqual([
      ['pg', 3],
      ['(garbage collector)', 2],
      ['apps/orders', 1],
    ]);
  });

  it('names a package within a scope, and the last of nested ones', () => {
    const at = (url: string): CpuProfile => ({
      nodes: [{ id: 1, callFrame: frame('f', url) }],
      samples: [1],
      timeDeltas: [1_000],
    });
    const nameOf = (url: string) => timesByPackage(at(url))[0]![0];
    expect(nameOf('file:///work/node_modules/@nestjs/core/router.js')).toBe('@nestjs/core');
    expect(nameOf('file:///work/node_modules/a/node_modules/b/index.js')).toBe('b');
    expect(nameOf('node:internal/streams/writable')).toBe('node:internal');
  });
});

describe('its flame graph', () => {
  const svg = flameGraphOf('orders', profile);

  it('has a frame for each function, as wide as the time in it and in what it calls, without idle time', () => {
    const widths = [...svg.matchAll(/<title>(\S+) [^<]*<\/title><rect [^>]* width="([\d.]+)"/g)].map(
      ([, name, width]) => [name, Number(width)],
    );
    expect(widths).toEqual([
      ['handle', 800],
      ['parse&lt;T>', 600],
      ['(garbage', 400],
    ]);
    expect(svg).toContain('orders, 6 ms busy');
  });
});
