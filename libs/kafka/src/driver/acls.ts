import { type AclChanges, aclChanges, type KafkaAcl } from '@orderflow/contracts';
import kafkajs, { type AclEntry, type Admin } from 'kafkajs';
import { causesOf, KafkaSetupError } from '../errors.js';

// Node.js does not find these names in a CommonJS module.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const USER = 'User:';
const ANY_HOST = '*';

/** Matches the entry for any host, and those for one host alone. */
const filterOf = ({ principal, operation, resource, match, name }: KafkaAcl): Omit<AclEntry, 'host'> => ({
  principal: USER + principal,
  operation: codeIn(AclOperationTypes, operation),
  permissionType: AclPermissionTypes.ALLOW,
  resourceType: codeIn(AclResourceTypes, resource),
  resourceName: name,
  resourcePatternType: codeIn(ResourcePatternTypes, match),
});

const entryOf = (acl: KafkaAcl): AclEntry => ({ ...filterOf(acl), host: ANY_HOST });

// The enumerations of kafkajs are plain objects at run time: from name to code alone.
const codeIn = (codes: object, name: string): number => (codes as Record<string, number>)[name.toUpperCase()]!;
const nameIn = (codes: object, code: number): string => {
  const known = Object.entries(codes).find(([, it]) => it === code);
  // Kafka has added some since.
  return known ? known[0].toLowerCase() : `unknown-${code}`;
};
const isKnown = ({ operation, resource }: KafkaAcl): boolean =>
  !operation.startsWith('unknown') && !resource.startsWith('unknown');

export interface AppliedAcls extends AclChanges {
  /** Superfluous ones that are still there: this driver does not know their operation or resource. */
  readonly left: readonly KafkaAcl[];
}

/** See {@link KafkajsBroker.setAcls}. */
export async function setAcls(admin: Admin, wanted: readonly KafkaAcl[], prefix: string): Promise<AppliedAcls> {
  const { forAny, forOne } = await found(admin);
  // An entry for one host does not let a program in from another one.
  const { missing } = aclChanges(wanted, forAny, prefix);
  const { true: superfluous = [], false: left = [] } = Object.groupBy(
    aclChanges(wanted, [...forAny, ...forOne], prefix).superfluous,
    (acl) => `${isKnown(acl)}`,
  );
  // First the additions: a program that runs loses no right that it keeps.
  if (missing.length > 0) await admin.createAcls({ acl: missing.map(entryOf) });
  if (superfluous.length > 0) await admin.deleteAcls({ filters: superfluous.map(filterOf) });
  return { missing, superfluous, left };
}

/** The entries at the brokers that allow a user something, from any host or from one alone. */
async function found(admin: Admin): Promise<{ forAny: KafkaAcl[]; forOne: KafkaAcl[] }> {
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
  const entries = (isForAny: boolean) =>
    resources.flatMap(({ acls, ...resource }) =>
      acls.filter(({ host }) => (host === ANY_HOST) === isForAny).map((acl) => aclOf({ ...acl, ...resource })),
    );
  return { forAny: entries(true), forOne: entries(false) };
}

const aclOf = ({ principal, operation, resourceType, resourceName, resourcePatternType }: AclEntry): KafkaAcl => ({
  principal: principal.replace(USER, ''),
  operation: nameIn(AclOperationTypes, operation),
  resource: nameIn(AclResourceTypes, resourceType),
  match: nameIn(ResourcePatternTypes, resourcePatternType),
  name: resourceName,
});
