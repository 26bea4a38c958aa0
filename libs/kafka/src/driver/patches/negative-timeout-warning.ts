const KAFKAJS = /[\\/]node_modules[\\/]kafkajs[\\/]/;

let filtered = false;

/**
 * Drops Node's TimeoutNegativeWarning when kafkajs set the timer: kafkajs computes several of its pauses by subtraction, which
 * is harmless. Other warnings, and the same warning from other code, are printed.
 */
export function filterNegativeTimeoutWarning(): void {
  if (filtered) return;
  filtered = true;
  const emit = process.emitWarning.bind(process) as (...given: unknown[]) => void;
  process.emitWarning = (...given: unknown[]) => {
    if (!isFromKafkajs(given[1], new Error().stack ?? '')) emit(...given);
  };
}

/** @param type second argument of `process.emitWarning`. @param stack of the call */
export function isFromKafkajs(type: unknown, stack: string): boolean {
  const name = typeof type === 'object' && type !== null && 'type' in type ? type.type : type;
  return name === 'TimeoutNegativeWarning' && KAFKAJS.test(stack);
}
