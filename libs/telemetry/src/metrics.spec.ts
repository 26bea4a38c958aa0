import { describe, expect, it } from '@jest/globals';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { counter, gauges, histogram, metricsText, watchProcess } from './metrics.js';

async function linesOf(name: string): Promise<string[]> {
  // Scrapes in one turn of the event loop share one reading.
  await setImmediate();
  return (await metricsText()).text.split('\n').filter((line) => line.startsWith(name));
}

describe('metrics', () => {
  it('are OpenMetrics text', async () => {
    const { contentType, text } = await metricsText();
    expect(contentType).toContain('application/openmetrics-text');
    expect(text.trimEnd().endsWith('# EOF')).toBe(true);
  });

  it('count', async () => {
    const orders = counter('test_orders_total', 'Orders.', ['status']);
    orders.add({ status: 'placed' });
    orders.add({ status: 'placed' }, 2);
    expect(await linesOf('test_orders_total')).toEqual(['test_orders_total{status="placed"} 3']);
  });

  it('have the trace of a recorded span as exemplar, and of no other span', async () => {
    const duration = histogram('test_duration_seconds', 'Duration.', [1, 2]);
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    duration.observe({}, 0.5, `00-${traceId}-00f067aa0ba902b7-01`);
    duration.observe({}, 1.5, `00-${traceId}-00f067aa0ba902b7-00`);
    const [first, ...others] = await linesOf('test_duration_seconds_bucket');
    expect(first).toContain(`} 1 # {trace_id="${traceId}",span_id="00f067aa0ba902b7"} 0.5`);
    expect(others).toEqual(['test_duration_seconds_bucket{le="2"} 2', 'test_duration_seconds_bucket{le="+Inf"} 2']);
  });

  it('include those of the process', async () => {
    watchProcess();
    watchProcess();
    expect(await linesOf('process_resident_memory_bytes')).toHaveLength(1);
  });

  it('tell how late timers fire, and not how far apart they are', async () => {
    watchProcess();
    const lag = async (kind: string) =>
      Number((await linesOf(`nodejs_eventloop_lag_${kind}_seconds`))[0]?.split(' ')[1]);
    let most = 0;
    while (most === 0) {
      // A scrape begins anew: timers have to fire before the next one.
      await sleep(300);
      most = await lag('max');
    }
    // The timers that measure it are a tenth of a second apart.
    expect(most).toBeLessThan(0.1);
  });
});

describe('gauges', () => {
  const labelled = { test_depth: { help: 'Depth.', labels: ['group'] }, test_age: { help: 'Age.' } };
  const values = (value: number) => ({ test_depth: [{ labels: { group: 'orders' }, value }], test_age: 10 });

  it('are read once for each scrape, all together', async () => {
    let reads = 0;
    gauges(
      labelled,
      () => values(++reads),
      () => undefined,
    );
    expect([await linesOf('test_depth'), await linesOf('test_age')]).toEqual([
      ['test_depth{group="orders"} 1'],
      ['test_age 10'],
    ]);
    expect(reads).toBe(2);
  });

  it('have no value when they cannot be read, instead of an old one', async () => {
    let away = false;
    const errors: unknown[] = [];
    gauges(
      labelled,
      () => (away ? Promise.reject(new Error('away')) : values(1)),
      (error) => errors.push(error),
    );
    expect(await linesOf('test_age')).toEqual(['test_age 10']);
    away = true;
    expect([await linesOf('test_depth'), await linesOf('test_age')]).toEqual([[], []]);
    expect(errors).toEqual([new Error('away'), new Error('away')]);
  });
});
