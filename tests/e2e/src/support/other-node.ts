import { join } from 'node:path';
import { installedNpm, root, run } from './installed.js';

/**
 * Runs a module of the built repository on another version of Node, which npm brings.
 * @param module its text; imports are resolved from the root
 * @returns what it prints, read as JSON
 */
export async function onNode<Printed>(version: string, module: string): Promise<Printed> {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(root, '.cache', `node-${version}`);
  await installedNpm(folder, [`${name}@${version}`]);
  const program = join(folder, 'node_modules', name, 'bin', 'node');
  const { stdout } = await run(program, ['--input-type=module', '--eval', module], { cwd: root });
  return JSON.parse(stdout) as Printed;
}
