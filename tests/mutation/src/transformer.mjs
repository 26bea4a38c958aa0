/** The transformer of the tests, which reads the files named in MUTATED (`{ [file]: source }` in a JSON file) from there. */
import { readFileSync } from 'node:fs';
import swc from '@swc/jest';

const mutated = process.env.MUTATED ? JSON.parse(readFileSync(process.env.MUTATED, 'utf8')) : {};

export default {
  createTransformer(options) {
    const usual = swc.createTransformer(options);
    const of =
      (method) =>
      (source, file, ...rest) =>
        usual[method](mutated[file] ?? source, file, ...rest);
    return { ...usual, getCacheKey: of('getCacheKey'), process: of('process'), processAsync: of('processAsync') };
  },
};
