const KAFKAJS = /[\\/]node_modules[\\/]kafkajs[\\/]/;

let filtered = false;

/**
 * Drops Node's TimeoutNegativeWarning when it is kafkajs that asked for such a timer: it computes several of its pauses by
 * subtraction, which is harmless. Every other warning, and the same one from other code, is printed as ever.
 */
export function filterNegativeTimeoutWarning(): void {
  if (filtered) return;
  filtered = true;
  const emit = process.emitWarning.bind(process) as (...given: unknown[]) => void;
  process.emitWarning = (...given: unknown[]) => {
    if (!isFromKafkajs(given[1], new Error().stack ?? '')) emit(...given);
  };
}

/** @param type second argument of `process.emitWarning`. @param stack where it was called */
export function isFromKafkajs(type: unknown, stack: string): boolean {
  const name = typeof type === 'object' && type !== null && 'type' in type ? type.type : type;
  return name === 'TimeoutNegativeWarning' && KAFKAJS.test(stack);
}
