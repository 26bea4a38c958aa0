import { bounds } from '@orderflow/contracts';
import avro from 'avsc';

/** Arrays with more elements are refused during decoding. */
const MAX_ELEMENTS = bounds.lines;

/** The input of avsc's decoders; missing in its types. */
interface Tap {
  pos: number;
  readLong(): number;
}
// A resolver decodes by the same method without being an array type.
interface OfItems {
  readonly itemsType: { _read(tap: Tap): unknown; _skip(tap: Tap): void };
}

// avsc trusts the length that an array announces: five bytes could announce 2^53 elements and crash the process.
class BoundedArray extends avro.types.ArrayType {
  _read(this: OfItems, tap: Tap): unknown[] {
    const values: unknown[] = [];
    for (let count = blockSize(tap, 0); count !== 0; count = blockSize(tap, values.length))
      while (count-- > 0) values.push(this.itemsType._read(tap));
    return values;
  }

  _skip(this: OfItems, tap: Tap): void {
    let seen = 0;
    for (let count = blockSize(tap, seen); count !== 0; count = blockSize(tap, seen)) {
      seen += count;
      while (count-- > 0) this.itemsType._skip(tap);
    }
  }
}

/** https://avro.apache.org/docs/1.12.0/specification/#arrays-1: a negative count is followed by the block's size in bytes. */
function blockSize(tap: Tap, seen: number): number {
  const announced = tap.readLong();
  if (announced < 0) tap.readLong();
  const count = Math.abs(announced);
  // guard: an array cannot claim more memory than it has bytes
  // Stryker disable next-line EqualityOperator: one element more or less is no danger
  if (seen + count > MAX_ELEMENTS) throw new Error(`an array has more than ${MAX_ELEMENTS} elements`);
  return count;
}

type Hook = NonNullable<NonNullable<Parameters<typeof avro.Type.forSchema>[1]>['typeHook']>;

const boundArrays: Hook = (schema, options) =>
  typeof schema === 'object' && 'type' in schema && schema.type === 'array'
    ? // avsc's types lack the constructor's parameters.
      new (BoundedArray as unknown as new (schema: unknown, options: unknown) => avro.Type)(schema, options)
    : undefined;

/** @returns an avsc type whose arrays are bounded. @throws Error when `schema` is not an Avro schema */
export const avroType = (schema: unknown): avro.Type =>
  avro.Type.forSchema(schema as avro.Schema, { omitRecordMethods: true, typeHook: boundArrays });
