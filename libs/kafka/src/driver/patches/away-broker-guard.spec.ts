import { describe, expect, it } from '@jest/globals';
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import { guardAwayBrokers } from './away-broker-guard.js';

guardAwayBrokers();
guardAwayBrokers();

const named = (name: string): Error => Object.assign(new Error('not there'), { name });

class Coordinator {
  readonly heard: string[] = [];

  constructor(private readonly failure?: Error) {}

  async heartbeat({ memberId }: { memberId: string }): Promise<void> {
    if (this.failure) throw this.failure;
    this.heard.push(memberId);
    return Promise.resolve();
  }
}

/** A member whose coordinator fails, and the broker that its cluster names as coordinator now. */
function memberOf(failure: Error) {
  const successor = new Coordinator();
  let refreshed = 0;
  const group = new ConsumerGroup({
    logger: { namespace: () => undefined },
    groupId: 'group',
    cluster: {
      refreshMetadata: async () => Promise.resolve(void refreshed++),
      findGroupCoordinator: async () => Promise.resolve(successor),
    },
    instrumentationEmitter: { emit: () => undefined },
    retry: {},
  });
  Object.assign(group, { coordinator: new Coordinator(failure), memberId: 'member', lastRequest: 0 });
  return { group, successor, refreshed: () => refreshed };
}

describe('a member whose coordinator is away', () => {
  it.each(['KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSRequestTimeoutError'])(
    'sends its next heartbeat to the broker that took its group over, after %s',
    async (name) => {
      const { group, successor } = memberOf(named(name));
      await group.heartbeat({ interval: 0 });
      await group.heartbeat({ interval: 0 });
      expect(successor.heard).toEqual(['member']);
    },
  );

  it('is told of every other failure', async () => {
    const { group } = memberOf(named('KafkaJSProtocolError'));
    await expect(group.heartbeat({ interval: 0 })).rejects.toThrow('not there');
  });
});

describe('a fetch from a broker that is away', () => {
  it('fails no other fetch, and asks who leads its partitions now', async () => {
    const { group, refreshed } = memberOf(new Error());
    await group.recoverFromFetch(named('KafkaJSConnectionError'));
    expect(refreshed()).toBe(1);
  });

  it('fails for any other reason', async () => {
    const { group } = memberOf(new Error());
    await expect(group.recoverFromFetch(named('KafkaJSOffsetError'))).rejects.toThrow('not there');
  });
});
