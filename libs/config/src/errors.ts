/**
 * The program cannot start, and the operator can fix the reason.
 * `message` is one line that names problem and remedy. `runMain` prints it without a stack.
 */
export class StartError extends Error {
  override name = 'StartError';
}
