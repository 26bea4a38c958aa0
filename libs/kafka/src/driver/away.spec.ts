import { describe, expect, it } from '@jest/globals';
import {
  KafkaJSGroupCoordinatorNotFound,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
} from 'kafkajs';
import { KafkaSetupError } from '../errors.js';
import { asSetupError } from './away.js';

const reach = { brokers: ['a:9092', 'b:9092'] };
const protocol = (type: string, retriable: boolean) =>
  new KafkaJSProtocolError(Object.assign(new Error(type), { type, retriable }));

describe('an error of kafkajs', () => {
  it.each([
    ['a partition without a leader', protocol('LEADER_NOT_AVAILABLE', true)],
    // Its type leaves out the message, without which it cannot be made.
    ['a coordinator that is not elected yet', Reflect.construct(KafkaJSGroupCoordinatorNotFound, ['no coordinator'])],
    ['a connection that is not open yet', new Error('Broker not connected')],
    [
      'a request that was repeated in vain',
      new KafkaJSNumberOfRetriesExceeded(new Error('Connection timeout'), { retryCount: 1, retryTime: 1 }),
    ],
    [
      'one with such a cause',
      Object.assign(new KafkaJSNonRetriableError('no'), { cause: protocol('NOT_COORDINATOR_FOR_GROUP', true) }),
    ],
  ])('is away and says the brokers: %s', (_what, error) => {
    expect(asSetupError(error, reach)).toMatchObject({
      isAway: true,
      message: expect.stringMatching(/^KAFKA_BROKERS a:9092,b:9092 do not answer: .*$/),
    });
  });

  it.each([
    ['of a right that is missing', protocol('TOPIC_AUTHORIZATION_FAILED', false)],
    ['that no repetition mends', new KafkaJSNonRetriableError('The group is null')],
    ['that is a bug', new TypeError('x is not a function')],
    ['that names its remedy already', new KafkaSetupError('topic x is missing')],
  ])('stays what it is: %s', (_what, error) => {
    expect(asSetupError(error, reach)).toBe(error);
  });
});
