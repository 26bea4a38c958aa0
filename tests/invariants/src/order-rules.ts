import { effectRules } from './effect-rules.ts';
import { historyRules } from './history-rules.ts';

/** Every rule about one order, whatever its age. */
export const orderRules = [...historyRules, ...effectRules];
