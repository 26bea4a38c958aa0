/** What a person has to mend before the system can start. The message is one line that says what is wrong and what to do. */
export class SetupError extends Error {
  override name = 'SetupError';
}

/** The reason inside anything that was thrown, on one line. An `AggregateError` of a refused connection has it one level down. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return reasonOf(error.cause);
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}
