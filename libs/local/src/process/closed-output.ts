/** The exit code that a shell gives to a program that was ended by SIGPIPE. */
const ENDED_BY_SIGPIPE = 141;

/**
 * Ends the program without a stack when the reader of its output has ended, as `head` does after a few lines.
 * @param end exits with the code of SIGPIPE by default
 */
export function endWhenOutputCloses(end: () => void = () => process.exit(ENDED_BY_SIGPIPE)): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      end();
    });
}
