// Reads schemas/<owner>/<Event>/<semver>.avsc and writes src/generated/events.ts: the newest schema of each event as a
// constant, and its TypeScript type; and src/generated/versions.ts: all of its schemas. Plain JavaScript: it runs before the first build.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folders = (path) =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
const bySemver = (a, b) => a.localeCompare(b, 'en', { numeric: true });
const primitives = {
  string: 'string',
  int: 'number',
  long: 'number',
  double: 'number',
  boolean: 'boolean',
  null: 'null',
};

function tsType(type) {
  if (Array.isArray(type)) return type.map(tsType).join(' | ');
  if (typeof type === 'string') {
    if (!(type in primitives)) throw new Error(`no TypeScript type for Avro type ${type}`);
    return primitives[type];
  }
  if (type.type === 'array') return `readonly (${tsType(type.items)})[]`;
  if (type.type === 'enum') return type.symbols.map((symbol) => `'${symbol}'`).join(' | ');
  if (type.type === 'record') return recordType(type);
  return tsType(type.type);
}

function recordType({ fields }) {
  if (fields.length === 0) return 'Record<string, never>';
  return `{ ${fields.map((field) => `readonly ${field.name}${markOf(field)}: ${tsType(field.type)};`).join(' ')} }`;
}

// A field with a default may be left out when an event is written.
const markOf = (field) => ('default' in field ? '?' : '');

const events = folders(join(root, 'schemas')).flatMap((owner) =>
  folders(join(root, 'schemas', owner)).map((name) => {
    const versions = readdirSync(join(root, 'schemas', owner, name))
      .filter((file) => file.endsWith('.avsc'))
      .map((file) => file.slice(0, -'.avsc'.length))
      .sort(bySemver)
      .map((version) => ({
        version,
        schema: JSON.parse(readFileSync(join(root, 'schemas', owner, name, `${version}.avsc`), 'utf8')),
      }));
    return { owner, name, versions, ...versions.at(-1) };
  }),
);

const lines = [
  '// Generated from ../../schemas by scripts/generate-types.mjs; not in git.',
  'export interface EventData {',
  ...events.map(({ name, schema }) => `  ${name}: ${recordType(schema)};`),
  '}',
  'export const eventSchemas = {',
  ...events.map(
    ({ owner, name, version, schema }) =>
      `  ${name}: { owner: '${owner}', version: '${version}', schema: ${JSON.stringify(schema)} },`,
  ),
  '} as const;',
];
const versionLines = [
  '// Generated from ../../schemas by scripts/generate-types.mjs; not in git.',
  'export const eventVersions = {',
  ...events.map(({ name, versions }) => `  ${name}: ${JSON.stringify(versions)},`),
  '};',
];
mkdirSync(join(root, 'src', 'generated'), { recursive: true });
writeFileSync(join(root, 'src', 'generated', 'events.ts'), lines.join('\n') + '\n');
writeFileSync(join(root, 'src', 'generated', 'versions.ts'), versionLines.join('\n') + '\n');
