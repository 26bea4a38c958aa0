/**
 * The transformer of the tests, with the source of one file changed as MUTATION says: `{ file, edits }` in JSON. Nothing on
 * disk is touched, and what is not mutated comes out of jest's cache.
 */
import swc from '@swc/jest';

const mutation = process.env.MUTATION ? JSON.parse(process.env.MUTATION) : undefined;

const isMutated = (file) => file === mutation?.file;

function mutated(source, file) {
  if (!isMutated(file)) return source;
  return mutation.edits.reduce((text, [before, after]) => {
    const [head, tail, ...more] = text.split(before);
    if (tail === undefined || more.length > 0) throw new Error(`not exactly once in ${file}: ${before}`);
    return head + after + tail;
  }, source);
}

export function createTransformer(options) {
  const usual = swc.createTransformer(options);
  return {
    ...usual,
    getCacheKey: (source, file, ...rest) => usual.getCacheKey(mutated(source, file), file, ...rest),
    process: (source, file, ...rest) => usual.process(mutated(source, file), file, ...rest),
    processAsync: (source, file, ...rest) => usual.processAsync(mutated(source, file), file, ...rest),
  };
}

export default { createTransformer };
