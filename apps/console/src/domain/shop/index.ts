// Also for measurements and for the schedule of the fault rig: `@orderflow/console/shop`.
export { Random } from './random.js';
export { Shop } from './shop.js';
