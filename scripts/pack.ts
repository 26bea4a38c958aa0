/**
 * Copies what a program of this repository needs at run time, and nothing else, to a folder:
 *   node scripts/pack.ts <app> <folder>     a service, or the sandbox
 *   node scripts/pack.ts tools <folder>     the programs that set a system up (migrate, topics) and look at it (demo, audit)
 */
import { cpSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';

const root = join(import.meta.dirname, '..');

// The pages of /docs are read by name when they are asked for: nothing imports them.
const pages = globSync('node_modules/swagger-ui-dist/*.{js,css,html,png,json}', { cwd: root }).filter(
  (file) => !file.includes('-es-bundle'),
);

const programs: Record<string, { entries: string[]; files: string[] }> = {
  tools: {
    entries: ['libs/client/dist/index.js', 'libs/local/dist/index.js'],
    files: [
      'package.json',
      'node_modules/@orderflow/client',
      'node_modules/@orderflow/invariants',
      'node_modules/@orderflow/local',
      'ops/src',
      'tests/invariants',
      ...globSync('prisma/*/migrations', { cwd: root }),
    ],
  },
};

const [program = '', folder = ''] = process.argv.slice(2);
const { entries, files } = programs[program] ?? {
  entries: [`apps/${program}/dist/main.js`, 'libs/telemetry/dist/register.js'],
  files: pages,
};
const { fileList } = await nodeFileTrace(
  entries.map((entry) => join(root, entry)),
  { base: root, conditions: ['node', 'import', 'default'] },
);
// Links stay links: npm's workspaces are links in node_modules.
for (const file of new Set([...fileList, ...files]))
  cpSync(join(root, file), join(folder, file), { recursive: true, verbatimSymlinks: true });
console.log(`${program}: ${fileList.size + files.length} files`);
