import { describe, expect, it } from '@jest/globals';
import { isFromKafkajs } from './negative-timeout-warning.js';

const kafkajs = 'at setTimeout\n at sleep (/app/node_modules/kafkajs/src/utils/sleep.js:1:1)';

describe('the filter of warnings', () => {
  it('drops the warning about a negative timeout of kafkajs', () => {
    expect(isFromKafkajs('TimeoutNegativeWarning', kafkajs)).toBe(true);
    expect(isFromKafkajs({ type: 'TimeoutNegativeWarning' }, kafkajs)).toBe(true);
  });

  it('prints the same warning of other code', () => {
    expect(isFromKafkajs('TimeoutNegativeWarning', 'at ours (/app/libs/kafka/dist/index.js:1:1)')).toBe(false);
  });

  it('prints every other warning of kafkajs', () => {
    expect(isFromKafkajs('DeprecationWarning', kafkajs)).toBe(false);
    expect(isFromKafkajs(undefined, kafkajs)).toBe(false);
  });
});
