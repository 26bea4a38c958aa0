import { describe, expect, it } from '@jest/globals';
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import { guardMembership } from './membership-guard.js';

guardMembership();
guardMembership();

/** As much of a group as comes before the first word to the broker. */
const groupWith = (memberId: string | null): ConsumerGroup =>
  Object.assign(Object.create(ConsumerGroup.prototype) as ConsumerGroup, {
    memberId,
    cluster: {
      refreshMetadataIfNecessary: async () => Promise.reject(new Error('it has begun to fetch')),
    },
  });

describe("the guard of a group's members", () => {
  it('lets nobody fetch whom the group has given up, and says what makes kafkajs join anew', async () => {
    await expect(groupWith(null).fetch('1')).rejects.toMatchObject({ type: 'UNKNOWN_MEMBER_ID' });
  });

  it('lets members fetch', async () => {
    await expect(groupWith('member').fetch('1')).rejects.toThrow('it has begun to fetch');
  });
});
