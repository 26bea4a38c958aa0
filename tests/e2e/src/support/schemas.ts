import fc from 'fast-check';

/** The part of a JSON schema that our OpenAPI documents use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Resolves `$ref`. */
export type Resolve = (schema: Schema) => Schema;

const regExp = (pattern: string): RegExp => new RegExp(pattern, 'u');
const characters = (text: string): number => Array.from(text).length;

/** Whether a value is valid by the schema. */
export function isValid(given: Schema, value: unknown, resolve: Resolve): boolean {
  const schema = resolve(given);
  const within = (size: number, least = -Infinity, most = Infinity) => size >= least && size <= most;
  if (value === null && schema.nullable) return true;
  if (schema.enum && !schema.enum.includes(value)) return false;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.some((choice) => isValid(choice, value, resolve));
  switch (schema.type) {
    case 'string':
      if (typeof value !== 'string' || !within(characters(value), schema.minLength, schema.maxLength)) return false;
      if (schema.format === 'idn-email' && !value.includes('@')) return false;
      return schema.pattern === undefined || regExp(schema.pattern).test(value);
    case 'integer':
    case 'number':
      if (typeof value !== 'number' || (schema.type === 'integer' && !Number.isInteger(value))) return false;
      return within(value, schema.minimum, schema.maximum);
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      if (!Array.isArray(value) || !within(value.length, schema.minItems, schema.maxItems)) return false;
      return value.every((item) => isValid(schema.items ?? {}, item, resolve));
    case 'object':
      return (
        typeof value === 'object' && value !== null && !Array.isArray(value) && hasValidMembers(schema, value, resolve)
      );
    default:
      return true;
  }
}

function hasValidMembers(schema: Schema, value: object, resolve: Resolve): boolean {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  if (!required.every((name) => Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, member]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    return typeof known === 'object' ? isValid(known, member, resolve) : known === true;
  });
}

/** Values that are valid by the schema. @param known values of fields by name: half of the generated ones are taken from there */
export function validOf(given: Schema, resolve: Resolve, known: Known, name = ''): fc.Arbitrary<unknown> {
  const schema = resolve(given);
  const fresh = freshOf(schema, resolve, known, name).filter((value) => isValid(schema, value, resolve));
  const familiar = known[name];
  return familiar === undefined ? fresh : fc.oneof(fc.constantFrom(...familiar), fresh);
}

export type Known = Readonly<Record<string, readonly unknown[]>>;

function freshOf(schema: Schema, resolve: Resolve, known: Known, name: string): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'string':
      return textOf(schema);
    case 'integer':
      return fc.integer(boundsOf(schema));
    case 'number':
      return fc.double({ ...boundsOf(schema), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(validOf(schema.items ?? {}, resolve, known, name), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      });
    case 'object': {
      const { properties = {}, required = [] } = schema;
      const members = Object.entries(properties).map(([key, of]) => [key, validOf(of, resolve, known, key)] as const);
      return fc.record(Object.fromEntries(members), { requiredKeys: [...required] });
    }
    default:
      return fc.jsonValue();
  }
}

const boundsOf = ({ minimum = -1e9, maximum = 1e9 }: Schema) => ({ min: minimum, max: Math.min(maximum, 2 ** 53 - 1) });

function textOf({ pattern, format, minLength = 0, maxLength }: Schema): fc.Arbitrary<string> {
  // A format has no pattern: the plain ones of its values.
  if (format === 'idn-email') return fc.stringMatching(/^[a-z0-9]{1,9}@(grün|example)\.(de|com)$/);
  const bound = maxLength === undefined ? {} : { maxLength };
  if (pattern === undefined) return fc.string({ unit: 'binary', minLength, ...bound });
  // fast-check has no lookaheads: the values are filtered by the whole pattern.
  return fc.stringMatching(regExp(pattern.replaceAll(/\(\?![^()]*\)/g, '')), bound);
}

/** Text that is not valid by the schema, as a parameter is sent; undefined where all text is valid. */
export function invalidTextOf(given: Schema, resolve: Resolve): fc.Arbitrary<string> | undefined {
  const { type, pattern, minLength, maxLength, enum: choices } = resolve(given);
  if (type === 'string' && (pattern ?? minLength ?? maxLength ?? choices) === undefined) return undefined;
  // Text that reads as a number is one.
  const asSent = (value: string) => (type !== 'string' && /^\d+$/.test(value) ? Number(value) : value);
  const odd = [
    '',
    '-1',
    '1e3',
    '0x1',
    'null',
    ' a',
    'a\u0000b',
    'a\u202eb',
    'a\u200bb',
    'x'.repeat((maxLength ?? 299) + 1),
  ];
  return fc
    .oneof(fc.constantFrom(...odd), fc.string({ unit: 'binary', maxLength: 90 }))
    .filter((value) => !isValid(given, asSent(value), resolve));
}

/** A value that is not valid by the schema, near a valid one or anything. */
export function invalidOf(given: Schema, resolve: Resolve, known: Known): fc.Arbitrary<unknown> {
  const schema = resolve(given);
  const candidates: fc.Arbitrary<unknown>[] = [fc.jsonValue()];
  if (schema.type === 'object') {
    const names = Object.keys(schema.properties ?? {});
    const changed = fc
      .tuple(validOf(schema, resolve, known), fc.constantFrom(...names, 'colour'), fc.jsonValue())
      .map(([value, name, change]) => ({ ...(value as object), [name]: change }));
    candidates.push(changed, changed, changed);
  }
  return fc.oneof(...candidates).filter((value) => !isValid(schema, value, resolve));
}
