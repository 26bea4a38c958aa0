import { expect, it } from '@jest/globals';
import type { KafkaAcl } from '@orderflow/contracts';
import kafkajs, { type AclEntry, type AclFilter, type Admin } from 'kafkajs';
import { setAcls } from './acls.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const topic = (resourceName: string, host: string): AclEntry => ({
  principal: 'User:orders',
  host,
  operation: AclOperationTypes.WRITE,
  permissionType: AclPermissionTypes.ALLOW,
  resourceType: AclResourceTypes.TOPIC,
  resourceName,
  resourcePatternType: ResourcePatternTypes.LITERAL,
});

/** A broker that has these entries, and notes what is asked of it. */
function brokerWith(entries: readonly AclEntry[]) {
  const created: AclEntry[] = [];
  const deleted: AclFilter[] = [];
  const resources = entries.map((entry) => {
    const { resourceType, resourceName, resourcePatternType, ...acl } = entry;
    return { resourceType, resourceName, resourcePatternType, acls: [acl] };
  });
  const admin = {
    describeAcls: async () => ({ resources }),
    createAcls: async ({ acl }: { acl: AclEntry[] }) => created.push(...acl),
    deleteAcls: async ({ filters }: { filters: AclFilter[] }) => deleted.push(...filters),
  } as unknown as Admin;
  return { admin, created, deleted };
}

const wanted: KafkaAcl = {
  principal: 'orders',
  operation: 'write',
  resource: 'topic',
  match: 'literal',
  name: 'orders.events',
};

it('an entry for one host does not stand for the one that is wanted', async () => {
  const { admin, created, deleted } = brokerWith([topic('orders.events', '10.0.0.1')]);
  expect(await setAcls(admin, [wanted], '')).toEqual({ missing: [wanted], superfluous: [], left: [] });
  expect({ created, deleted }).toEqual({ created: [topic('orders.events', '*')], deleted: [] });
});

it('what a program has beyond the saga is taken from it for every host', async () => {
  const beyond = { ...wanted, name: 'payments.events' };
  const { admin, deleted } = brokerWith([topic('orders.events', '*'), topic('payments.events', '10.0.0.1')]);
  expect(await setAcls(admin, [wanted], '')).toEqual({ missing: [], superfluous: [beyond], left: [] });
  const { host: _any, ...filter } = topic('payments.events', '*');
  expect(deleted).toEqual([filter]);
});

it('what a newer Kafka has names for, and kafkajs has none, is reported and left', async () => {
  const TWO_PHASE_COMMIT = 15 as AclEntry['operation'];
  const USER = 7 as AclEntry['resourceType'];
  const newer = [
    { ...topic('transfers', '*'), operation: TWO_PHASE_COMMIT, resourceType: AclResourceTypes.TRANSACTIONAL_ID },
    { ...topic('User:ada', '*'), resourceType: USER },
  ];
  const { admin, deleted } = brokerWith([topic('orders.events', '*'), ...newer]);
  const { superfluous, left } = await setAcls(admin, [wanted], '');
  expect(superfluous).toEqual([]);
  expect(left).toMatchObject([
    { operation: 'unknown-15', resource: 'transactional_id', name: 'transfers' },
    { operation: 'write', resource: 'unknown-7', name: 'User:ada' },
  ]);
  expect(deleted).toEqual([]);
});
