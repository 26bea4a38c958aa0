import type { CatalogVersion } from '@orderflow/console-api';

/** A field of an event's data, those of lists and records with their path: `lines[].sku`. */
export interface Field {
  readonly path: string;
  /** In words: `text`, `list`, `one of out_of_stock, unknown`. */
  readonly type: string;
  readonly doc: string | undefined;
  /** The version that has it first. */
  readonly since: string;
  /** No page shows its value. */
  readonly isConfidential: boolean;
  /** It may be left out, or be null. */
  readonly isOptional: boolean;
}

type Avro = string | readonly Avro[] | AvroObject;
interface AvroObject {
  readonly type: Avro;
  readonly items?: Avro;
  readonly symbols?: readonly string[];
  readonly fields?: readonly AvroField[];
}
interface AvroField extends AvroObject {
  readonly name: string;
  readonly doc?: string;
  readonly default?: unknown;
  readonly confidential?: unknown;
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'whole number',
  long: 'whole number, large',
  double: 'number',
  boolean: 'yes or no',
  array: 'list',
  record: 'record',
};

type Flat = Omit<Field, 'since'>;

/** The fields of a version. @param versions all of the event, the oldest first */
export function fieldsOf(versions: readonly CatalogVersion[], version: string): Field[] {
  const of = new Map(versions.map((it) => [it.version, flat(it.schema as unknown as AvroObject, '')]));
  // A mark that came later holds for the values of old versions too.
  const hidden = [...of.values()].flat().filter(({ isConfidential }) => isConfidential);
  return (of.get(version) ?? []).map((field) => ({
    ...field,
    isConfidential: hidden.some(({ path }) => path === field.path),
    since: versions.find((it) => of.get(it.version)?.some(({ path }) => path === field.path))?.version ?? version,
  }));
}

const flat = ({ fields = [] }: AvroObject, prefix: string): Flat[] =>
  fields.flatMap((field) => {
    const { name, doc, confidential } = field;
    const path = prefix + name;
    const { type, inner, isNullable } = typeOf(field.type);
    const isOptional = isNullable || 'default' in field;
    const own: Flat = { path, type, doc, isConfidential: confidential !== undefined, isOptional };
    return [own, ...(inner ? flat(inner, `${path}${type === 'list' ? '[]' : ''}.`) : [])];
  });

interface Named {
  readonly type: string;
  /** Has fields of its own. */
  readonly inner?: AvroObject | undefined;
  readonly isNullable: boolean;
}

function typeOf(type: Avro): Named {
  if (typeof type === 'string') return { type: words[type] ?? type, isNullable: false };
  if (isUnion(type)) {
    const others = type.filter((it) => it !== 'null').map(typeOf);
    const isNullable = others.length < type.length;
    return { type: others.map((it) => it.type).join(' or '), inner: others.find((it) => it.inner)?.inner, isNullable };
  }
  if (type.type === 'enum') return { type: `one of ${(type.symbols ?? []).join(', ')}`, isNullable: false };
  if (type.type === 'array') return { type: 'list', inner: asRecord(type.items), isNullable: false };
  if (type.type === 'record') return { type: 'record', inner: type, isNullable: false };
  return typeOf(type.type);
}

const isUnion = (type: readonly Avro[] | AvroObject): type is readonly Avro[] => Array.isArray(type);

const asRecord = (type: Avro | undefined): AvroObject | undefined =>
  typeof type === 'object' && !isUnion(type) && type.type === 'record' ? type : undefined;
