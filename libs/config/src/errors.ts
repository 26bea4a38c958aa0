/**
 * The program cannot start for a reason that the person who started it can mend.
 * `message` is one line that says what is wrong and how to mend it. `runMain` prints it without a stack.
 */
export class StartError extends Error {
  override name = 'StartError';
}

/** The environment is not usable. `message` has one line per bad key: the key, what is wrong with it, how to mend it. */
export class ConfigError extends StartError {
  override name = 'ConfigError';
}
