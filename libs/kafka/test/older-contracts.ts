/**
 * Preloaded into a service by tests (NODE_OPTIONS=--import). Where TEST_OLDER_CONTRACTS is `true`, this process writes and
 * reads each event by the version before its newest one, as an instance of the release before it does in a rolling deploy.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventSchemas } from '@orderflow/contracts';

const schemas = join(import.meta.dirname, '../../contracts/schemas');

interface Schema {
  readonly fields: readonly { readonly name: string; readonly confidential?: boolean }[];
}

function makeOlder(type: string, known: { owner: string; version: string; schema: Schema }): void {
  const folder = join(schemas, known.owner, type);
  const versions = readdirSync(folder)
    .map((file) => file.slice(0, -'.avsc'.length))
    .toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  const older = versions.at(-2);
  if (older === undefined) return;
  const schema = JSON.parse(readFileSync(join(folder, `${older}.avsc`), 'utf8')) as Schema;
  const newest = known.schema;
  const confidential = newest.fields.filter((field) => field.confidential).map(({ name }) => name);
  known.version = older;
  // What is written is made by the code of today: a token is encrypted, and longer than the release before allowed.
  const fields = schema.fields.map((field) =>
    confidential.includes(field.name) ? { ...field, confidential: true } : field,
  );
  known.schema = { ...schema, fields };
}

if (process.env['TEST_OLDER_CONTRACTS'] === 'true')
  for (const [type, known] of Object.entries(eventSchemas)) makeOlder(type, known);
