/** Places one order of each outcome with the system that `npm start` keeps up, and prints what happens to each. */
import { reasonOf } from '@orderflow/embedded';
import { play } from './demo/play.ts';
import { requireRunning } from './demo/running-system.ts';

try {
  process.exitCode = (await play(requireRunning())) ? 0 : 1;
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
