import type { OnProgress, Phase } from './rebuild.js';

/** Standard error. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const WORDS: Readonly<Record<Phase, string>> = {
  fill: 'records read',
  fold: 'orders folded',
  compare: 'rows compared',
  switch: 'tables switched',
};
const WIDTH = 30;
const LINE_EVERY_MS = 5_000;

/** A bar on a terminal; elsewhere a line at the beginning and end of each phase, and every 5 s. */
export function progressOn(terminal: Terminal, now: () => number = () => performance.now()): OnProgress {
  let last: Phase | undefined;
  let printedAt = 0;
  return (phase, done, total) => {
    const figures = `${phase}: ${done} of ${total} ${WORDS[phase]}`;
    if (terminal.isTTY === true) {
      const filled = total === 0 ? WIDTH : Math.floor((WIDTH * done) / total);
      const bar = `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}]`;
      const isNextLine = last !== undefined && last !== phase;
      const isEnd = phase === 'switch' && done === total;
      terminal.write(`${isNextLine ? '\n' : '\r'}\x1b[K${bar} ${figures}${isEnd ? '\n' : ''}`);
    } else if (phase !== last || done === total || now() - printedAt >= LINE_EVERY_MS) {
      printedAt = now();
      terminal.write(`${figures}\n`);
    }
    last = phase;
  };
}
