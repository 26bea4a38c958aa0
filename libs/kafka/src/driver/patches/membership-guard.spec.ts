import { describe, expect, it } from '@jest/globals';
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import { guardMembership } from './membership-guard.js';

guardMembership();
guardMembership();

/** As much of a group as a fetch needs before its first request. */
const groupWith = (memberId: string | null): ConsumerGroup =>
  Object.assign(Object.create(ConsumerGroup.prototype) as ConsumerGroup, {
    memberId,
    cluster: {
      refreshMetadataIfNecessary: async () => Promise.reject(new Error('the fetch began')),
    },
  });

describe('the membership guard', () => {
  it('rejects the fetch of a consumer without member id with the error after which kafkajs joins', async () => {
    await expect(groupWith(null).fetch('1')).rejects.toMatchObject({ type: 'UNKNOWN_MEMBER_ID' });
  });

  it('lets a member fetch', async () => {
    await expect(groupWith('member').fetch('1')).rejects.toThrow('the fetch began');
  });
});
