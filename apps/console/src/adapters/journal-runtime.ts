import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { type Log, reasonOf } from '@orderflow/durable';
import { gauges } from '@orderflow/telemetry';
import type { Connected } from './connect.js';
import { GROUP, journalTopics } from './journal-consumer.js';

/** The journal's consumer in a process, with its metrics and health checks. */
export class JournalRuntime implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    readonly parts: Connected,
    prefix: string,
    log: Log,
  ) {
    gauges(
      {
        orderflow_consumer_lag_records: {
          help: 'Records whose offset the group has not committed, those that expired included.',
          labels: ['group', 'topic', 'partition'],
        },
      },
      async () => {
        const lags = await parts.broker.lagOf(prefix + GROUP, journalTopics(prefix));
        return {
          orderflow_consumer_lag_records: lags.map(({ topic, partition, records }) => ({
            labels: { group: GROUP, topic, partition },
            value: records,
          })),
        };
      },
      (error) => log.warn({ reason: reasonOf(error) }, 'some metrics cannot be read'),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.parts.consumer.start();
    this.parts.pruning?.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.parts.pruning?.stop();
    await this.parts.consumer.stop();
    await this.parts.broker.disconnect();
    await this.parts.database.end();
  }

  /** Ready: the database answers, and the consumer has joined its group and heartbeats. */
  checks() {
    const { database, consumer } = this.parts;
    return [
      { name: 'database', probe: () => database.query('SELECT 1') },
      {
        name: 'consumers',
        probe: () => {
          if (!consumer.ready()) throw new Error('group not joined, or no heartbeat');
        },
      },
    ];
  }
}
