import { type AclChanges, aclChanges, type KafkaAcl } from '@orderflow/contracts';
import kafkajs, { type AclEntry, type Admin } from 'kafkajs';
import { causesOf, KafkaSetupError } from '../errors.js';

// Node.js does not find these names in a CommonJS module.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const USER = 'User:';
const ANY_HOST = '*';

const entryOf = ({ principal, operation, resource, match, name }: KafkaAcl): AclEntry => ({
  principal: USER + principal,
  host: ANY_HOST,
  operation: codeIn(AclOperationTypes, operation),
  permissionType: AclPermissionTypes.ALLOW,
  resourceType: codeIn(AclResourceTypes, resource),
  resourceName: name,
  resourcePatternType: codeIn(ResourcePatternTypes, match),
});

// The enumerations of kafkajs are plain objects at run time: from name to code alone.
const codeIn = (codes: object, name: string): number => (codes as Record<string, number>)[name.toUpperCase()]!;
const nameIn = (codes: object, code: number): string =>
  Object.entries(codes)
    .find(([, it]) => it === code)![0]
    .toLowerCase();

/** See {@link KafkajsBroker.setAcls}. */
export async function setAcls(admin: Admin, wanted: readonly KafkaAcl[], prefix: string): Promise<AclChanges> {
  const changes = aclChanges(wanted, await found(admin), prefix);
  // First the additions: a program that runs loses no right that it keeps.
  if (changes.missing.length > 0) await admin.createAcls({ acl: changes.missing.map(entryOf) });
  if (changes.superfluous.length > 0) await admin.deleteAcls({ filters: changes.superfluous.map(entryOf) });
  return changes;
}

/** The entries at the brokers that allow a user something. */
async function found(admin: Admin): Promise<KafkaAcl[]> {
  const all = {
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ALLOW,
  };
  const { resources } = await admin.describeAcls(all).catch((error: unknown) => {
    if (!causesOf(error).some(({ type }) => type === 'SECURITY_DISABLED')) throw error;
    throw new KafkaSetupError(
      "KAFKA_BROKERS keep no access control list: set authorizer.class.name there to Kafka's StandardAuthorizer.",
    );
  });
  return resources.flatMap(({ resourceType, resourceName: name, resourcePatternType, acls }) =>
    acls.map(({ principal, operation }) => ({
      principal: principal.replace(USER, ''),
      operation: nameIn(AclOperationTypes, operation),
      resource: nameIn(AclResourceTypes, resourceType),
      match: nameIn(ResourcePatternTypes, resourcePatternType),
      name,
    })),
  );
}
