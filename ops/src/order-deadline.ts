import { SetupError } from '@orderflow/local';

/** ORDER_DEADLINE_SECONDS of the environment; undefined where it is not set. @throws SetupError where it is no number */
export function orderDeadlineSeconds(): number | undefined {
  const { ORDER_DEADLINE_SECONDS: text } = process.env;
  if (!text) return undefined;
  // No order is ever older than NaN: the audit would call none late.
  if (!/^\d+(\.\d+)?$/.test(text))
    throw new SetupError(`ORDER_DEADLINE_SECONDS is "${text}": set it to a number of seconds, such as 60.`);
  return Number(text);
}
