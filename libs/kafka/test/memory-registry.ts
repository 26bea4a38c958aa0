import { UnknownSchema } from '../src/errors.js';

/** Holds registered schemas by their text; `away` makes every lookup reject. */
export class MemoryRegistry {
  readonly schemas: string[] = [];
  away: Error | undefined;
  lookups = 0;

  readonly register = async (_subject: string, schema: object): Promise<number> => this.add(schema);
  readonly idOf = this.register;
  readonly compatibilityOf = async (): Promise<string> => 'FULL_TRANSITIVE';
  readonly demandCompatibility = async (): Promise<void> => undefined;

  async schemaById(id: number): Promise<string> {
    this.lookups++;
    if (this.away !== undefined) throw this.away;
    const schema = this.schemas[id - 1];
    if (schema === undefined) throw new UnknownSchema(id);
    return schema;
  }

  /** @returns the id of a schema, from 1 */
  add(schema: object): number {
    const text = JSON.stringify(schema);
    if (!this.schemas.includes(text)) this.schemas.push(text);
    return this.schemas.indexOf(text) + 1;
  }
}
