import { describe, expect, it } from '@jest/globals';
import { TestDatabase } from '@orderflow/testing';
import { forgetPublished, PublishedOffsets } from '../src/outbox/published-offsets.js';
import { checkCluster, takeCluster } from '../src/recovery/cluster.js';
import { Database } from '../src/store/database.js';

const own = new TestDatabase('payments', 'test');
const open = () => own.ending(new Database(own.url, 'test'));
const at = (next: string, lost = 0n) => ({ topic: 't', partition: 1, next, lost });

describe('how far a service has published', () => {
  it('only moves forward, whichever instance says it', async () => {
    const table = new PublishedOffsets(open());
    await table.advance([at('7')]);
    await table.advance([at('5')]);
    expect(await table.read(['t', 'u'])).toEqual([at('7')]);
  });

  it('stays where records were lost, until the topic is forgotten', async () => {
    const database = open();
    const table = new PublishedOffsets(database);
    await table.advance([at('7')]);
    await table.noteLost([at('7', 3n)]);
    await table.noteLost([at('7', 2n)]);
    await table.advance([at('9')]);
    expect(await table.read(['t'])).toEqual([at('7', 3n)]);
    await forgetPublished(database, ['t']);
    expect(await table.read(['t'])).toEqual([]);
  });
});

describe('the Kafka cluster of a database', () => {
  // proves: a service does not start on another Kafka cluster
  it('is the first one, and another one is refused until an operator takes it', async () => {
    const database = open();
    await checkCluster('payments', database, 'one');
    await checkCluster('payments', database, 'one');
    await expect(checkCluster('payments', database, 'two')).rejects.toThrow(
      /^KAFKA_BROKERS: this is the cluster two, .* belongs to one: .*"orderflow republish payments"/,
    );
    await takeCluster(database, 'two');
    await checkCluster('payments', database, 'two');
  });

  it('is taken by an operator also where the database has known none', async () => {
    const database = open();
    await takeCluster(database, 'one');
    await checkCluster('payments', database, 'one');
  });
});
