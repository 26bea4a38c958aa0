import { describe, expect, it } from '@jest/globals';
import { aclChanges, aclsOf, type KafkaAcl, kafkaRights, type KafkaRight, type Principal } from './kafka-rights.js';

/** The names that a principal may use so, in order. */
const namesOf = (principal: Principal, operation: KafkaRight['operation'], resource: KafkaRight['resource']) =>
  kafkaRights
    .filter((it) => it.principal === principal && it.operation === operation && it.resource === resource)
    .flatMap(({ names }) => names)
    .toSorted();

const EVENTS = ['inventory.events', 'notifications.events', 'orders.events', 'payments.events'];

describe('the rights at Kafka', () => {
  it.each([
    ['orders', ['orders.dead-letters', 'orders.events']],
    ['inventory', ['inventory.dead-letters', 'inventory.events', 'inventory.products']],
    ['payments', ['payments.dead-letters', 'payments.events']],
    ['notifications', ['notifications.dead-letters', 'notifications.events']],
    ['console', []],
    ['ops', []],
  ] as const)('let %s publish what the saga says, its dead letters, and nothing else', (principal, topics) => {
    expect(namesOf(principal, 'write', 'topic')).toEqual(topics);
  });

  it.each([
    // Its view hears every event about an order.
    ['orders', [...EVENTS, 'inventory.products']],
    ['inventory', ['inventory.events', 'inventory.products', 'orders.events']],
    ['payments', ['inventory.events', 'orders.events', 'payments.events']],
    ['notifications', ['notifications.events', 'orders.events', 'payments.events']],
  ] as const)('let %s read what it consumes and what it has published, and nothing else', (principal, topics) => {
    const names: readonly string[] = topics;
    expect(namesOf(principal, 'read', 'topic')).toEqual(names.toSorted());
  });

  it.each([
    ['orders', ['orders', 'orders.reader-', 'orders.views']],
    ['inventory', ['inventory', 'inventory.reader-']],
    ['console', ['console.journal', 'console.reader-']],
  ] as const)('let %s join its own groups, and no other', (principal, groups) => {
    expect(namesOf(principal, 'read', 'group')).toEqual(groups);
  });

  it('let the console and ops read every topic, the dead letters included', () => {
    const topics = [...EVENTS, ...EVENTS.map((it) => it.replace('events', 'dead-letters')), 'inventory.products'];
    expect(namesOf('console', 'read', 'topic')).toEqual(topics.toSorted());
    expect(namesOf('ops', 'read', 'topic')).toEqual(topics.toSorted());
  });

  it('let groups be deleted that are read in once, and no other', () => {
    expect(kafkaRights.filter(({ operation }) => operation === 'delete').flatMap(({ names }) => names)).toEqual([
      'orders.reader-',
      'inventory.reader-',
      'payments.reader-',
      'notifications.reader-',
      'console.reader-',
      'audit.reader-',
    ]);
  });
});

describe('the entries of a system with a prefix', () => {
  const acls = aclsOf(kafkaRights, 'shop.');

  it('have it in every topic and group', () => {
    const literal = acls.filter(({ match }) => match === 'literal');
    expect(literal.filter(({ name }) => !name.startsWith('shop.'))).toEqual([]);
    expect(literal).toContainEqual({
      principal: 'payments',
      operation: 'write',
      resource: 'topic',
      match: 'literal',
      name: 'shop.payments.events',
    });
  });

  it('have none in the groups of readers, whose names are their own', () => {
    const prefixed = acls.filter(({ match }) => match === 'prefixed');
    expect(prefixed.map(({ name }) => name)).toContain('orders.reader-');
    expect(prefixed.filter(({ name }) => name.startsWith('shop.'))).toEqual([]);
  });
});

describe('the changes of the entries at a broker', () => {
  const wanted: KafkaAcl = {
    principal: 'orders',
    operation: 'write',
    resource: 'topic',
    match: 'literal',
    name: 'shop.orders.events',
  };

  it('are none where the entries are those that are wanted', () => {
    expect(aclChanges([wanted], [wanted], 'shop.')).toEqual({ missing: [], superfluous: [] });
  });

  it('add what is missing', () => {
    expect(aclChanges([wanted], [], 'shop.')).toEqual({ missing: [wanted], superfluous: [] });
  });

  it('take from a program what the saga does not give it', () => {
    const beyond = [
      { ...wanted, name: 'shop.payments.events' },
      { ...wanted, name: '*' },
      { ...wanted, match: 'prefixed', name: 'sh' },
      { ...wanted, operation: 'all' },
      { ...wanted, operation: 'alter', resource: 'cluster', name: 'kafka-cluster' },
    ];
    expect(aclChanges([wanted], [wanted, ...beyond], 'shop.')).toEqual({ missing: [], superfluous: beyond });
  });

  it('leave other principals, and the names of other systems, alone', () => {
    const others = [
      { ...wanted, principal: 'registry' },
      { ...wanted, name: 'other.orders.events' },
      { ...wanted, match: 'prefixed', name: 'shoes.' },
    ];
    expect(aclChanges([wanted], [wanted, ...others], 'shop.').superfluous).toEqual([]);
  });

  it.each(['', 'shop.'])('leave systems alone whose prefix is longer than %j', (prefix) => {
    const own = { ...wanted, name: `${prefix}orders.events` };
    const others = [
      { ...wanted, name: `${prefix}eu.orders.events` },
      { ...wanted, resource: 'group', operation: 'read', name: `${prefix}eu.orders` },
      { ...wanted, match: 'prefixed', name: `${prefix}eu.` },
    ];
    expect(aclChanges([own], [own, ...others], prefix).superfluous).toEqual([]);
  });

  it('take from a program of a system without a prefix what reaches its names', () => {
    const own = { ...wanted, name: 'orders.events' };
    const beyond = [
      { ...own, name: 'payments.events' },
      { ...own, name: 'payments.events.old' },
      { ...own, match: 'prefixed', name: 'pay' },
      { ...own, name: '*' },
    ];
    expect(aclChanges([own], [own, ...beyond], '')).toEqual({ missing: [], superfluous: beyond });
  });
});
