import { describe, expect, it } from '@jest/globals';
import { metricsText } from '@orderflow/telemetry';
import { shortOfReplicas } from './replication.js';

const topic = (name: string, replicas: number) => ({ name, replicas, settings: new Map() });

describe('the replicas of a topic', () => {
  it('are reported where there are fewer than the brokers allow, a line each, and counted', async () => {
    const lines = shortOfReplicas([topic('a', 1), topic('b', 2), topic('c', 3)], 3);
    expect(lines).toEqual([
      expect.stringMatching(/^topic a has 1 of 3 replicas: events are lost with one disk; docs\/runbook.md.*$/),
      expect.stringMatching(/^topic b has 2 of 3 replicas: events are lost with 2 disks; docs\/runbook.md.*$/),
    ]);
    expect((await metricsText()).text).toMatch(/^orderflow_topics_short_of_replicas 2$/m);
  });

  it('are enough where every broker has one', async () => {
    expect(shortOfReplicas([topic('a', 1)], 1)).toEqual([]);
    expect((await metricsText()).text).toMatch(/^orderflow_topics_short_of_replicas 0$/m);
  });
});
