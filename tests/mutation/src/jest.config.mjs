import config from '../../../jest.config.mjs';

const transform = `${import.meta.dirname}/transformer.mjs`;

/** The tests as they are, with every source read through our transformer. */
export default {
  ...config,
  rootDir: `${import.meta.dirname}/../../..`,
  projects: config.projects.map((project) => ({
    ...project,
    transform: Object.fromEntries(
      Object.entries(project.transform).map(([pattern, [, options]]) => [pattern, [transform, options]]),
    ),
  })),
};
