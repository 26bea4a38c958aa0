import { styleText } from 'node:util';
import { eventually } from '@orderflow/client';

const QUIET_MS = 400;

/** Prints the progress of the orders that it watches. */
export abstract class Watcher {
  protected lastPrinted = Date.now();

  /** @param since when the order was posted, ms since 1970: the lines count from there */
  abstract watch(orderId: string, since: number): void;
  abstract stop(): Promise<void>;

  /** Resolves when nothing has been printed for 0.4 s. */
  async quiet(): Promise<void> {
    await eventually(() => Date.now() - this.lastPrinted >= QUIET_MS, Infinity, 50);
  }

  protected print(ms: number, text: string): void {
    console.log(`${styleText('dim', `+${(ms / 1000).toFixed(3)} s`.padStart(11))}  ${text}`);
    this.lastPrinted = Date.now();
  }
}
