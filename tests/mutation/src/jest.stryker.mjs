import config from '../../../jest.config.mjs';

const unit = config.projects.find(({ displayName }) => displayName === 'unit');
const rootDir = `${import.meta.dirname}/../../..`;

/** The unit tests of the product, from where this copy of the repository is. */
export default { ...unit, rootDir, roots: ['<rootDir>/apps', '<rootDir>/libs'] };
