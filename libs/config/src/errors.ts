/**
 * The program cannot start, and the operator can fix the reason.
 * `message` is one line that names problem and remedy. `runMain` prints it without a stack.
 */
export class StartError extends Error {
  override name = 'StartError';

  /** @param isAway a dependency cannot be reached: trying again may help, without any change by the operator */
  constructor(
    message: string,
    readonly isAway = false,
  ) {
    super(message);
  }
}
