/** Copies the files that one program needs at run time to a folder:  node scripts/pack.ts <service | sandbox | tools> <folder> */
import { cpSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from '@swc/core';
import { nodeFileTrace } from '@vercel/nft';

const root = join(import.meta.dirname, '..');

interface Program {
  readonly entries: readonly string[];
  /** Files that are read at run time but not imported. */
  readonly files: readonly string[];
  /** Files that libs/local starts on a development machine. */
  readonly ignored?: readonly string[];
}

/** The command `orderflow`. */
const tools: Program = {
  entries: ['ops/src/orderflow.ts'],
  files: ['package.json', ...globSync('prisma/*/migrations', { cwd: root })],
  ignored: ['apps/**', '.cache/**', '.data/**'],
};

const service = (name: string): Program => ({
  entries: [`apps/${name}/dist/main.js`, 'libs/telemetry/dist/register.js'],
  files: [
    // Compared with those of the database when the service starts.
    `prisma/${name}/migrations`,
    // Served as they are.
    ...(name === 'console' ? ['apps/console-web/dist'] : []),
    ...globSync('node_modules/swagger-ui-dist/*.{js,css,html,png,json}', { cwd: root }).filter(
      (file) => !file.includes('-es-bundle'),
    ),
  ],
});

/** A file as the tracer reads it: it parses JavaScript only. */
async function sourceOf(path: string): Promise<Buffer | string | null> {
  try {
    const source = await readFile(path);
    if (!path.endsWith('.ts')) return source;
    const parser = { syntax: 'typescript' } as const;
    return (await transform(source.toString(), { swcrc: false, jsc: { parser, target: 'es2023' } })).code;
  } catch (error) {
    // Folders and missing files are among the candidates of the tracer.
    if (error instanceof Error && 'code' in error && ['ENOENT', 'EISDIR'].includes(String(error.code))) return null;
    throw error;
  }
}

const [name = '', folder = ''] = process.argv.slice(2);
const { entries, files, ignored = [] } = name === 'tools' ? tools : service(name);
const { fileList } = await nodeFileTrace(
  entries.map((entry) => join(root, entry)),
  { base: root, conditions: ['node', 'import', 'default'], ignore: [...ignored], readFile: sourceOf },
);
// Links stay links: npm's workspaces are links in node_modules.
for (const file of new Set([...fileList, ...files]))
  cpSync(join(root, file), join(folder, file), { recursive: true, verbatimSymlinks: true });
console.log(`${name}: ${fileList.size + files.length} files`);
