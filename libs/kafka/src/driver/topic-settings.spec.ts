import { describe, expect, it } from '@jest/globals';
import { topics } from '@orderflow/contracts';
import { checkSettings, deviationsOf, type FoundTopic } from './topic-settings.js';

/** A topic as `orderflow topics` creates it, with other settings where given. */
function found(name: keyof typeof topics, replicas: number, changes: Record<string, string> = {}): FoundTopic {
  const defaults = { 'max.message.bytes': '1048588', 'retention.bytes': '-1', 'min.insync.replicas': '1' };
  const settings = { ...defaults, ...topics[name].config, ...changes };
  const entries = Object.entries(settings).map(([setting, value]) => [setting, { value, isOwn: true }] as const);
  return { name: `p.${name}`, replicas, settings: new Map(entries) };
}

describe('the settings of a topic', () => {
  it.each(Object.keys(topics) as (keyof typeof topics)[])('of contracts keep every rule: %s', (name) => {
    expect(deviationsOf(found(name, 1), 'p.')).toEqual([]);
  });

  it('must let two replicas acknowledge an event where there are three', () => {
    const [deviation, ...others] = deviationsOf(found('orders.events', 3), 'p.');
    expect(deviation).toMatchObject({ setting: 'min.insync.replicas', found: '1', rule: { wanted: '2' } });
    expect(others).toEqual([]);
    expect(deviationsOf(found('orders.events', 3, { 'min.insync.replicas': '2' }), 'p.')).toEqual([]);
  });

  it('must let one replica acknowledge an event where there is one: the default of the brokers may be two', () => {
    const [deviation] = deviationsOf(found('orders.events', 1, { 'min.insync.replicas': '2' }), 'p.');
    expect(deviation).toMatchObject({ setting: 'min.insync.replicas', found: '2', rule: { wanted: '1', demand: '1' } });
  });

  // proves: a service does not start on a topic whose settings break its promises
  it('are reported a line each, with the value, the rule and the command', () => {
    const differing = found('orders.events', 1, { 'compression.type': 'zstd', 'retention.ms': '5' });
    expect(() => checkSettings([differing], 'p.')).toThrow(
      /^topic p.orders.events has compression.type=zstd, it must be uncompressed .*"orderflow topics".*\n.*retention.ms=5.*$/,
    );
  });
});
