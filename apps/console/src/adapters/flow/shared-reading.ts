import type { Reading } from '@orderflow/console-api';

/** An answer that is as young as this is given to everyone who asks. */
const FRESH_MS = 1_000;
/** So long a page waits for an answer. */
const PATIENCE_MS = 2_000;

interface Options<T> {
  readonly ask: () => Promise<T>;
  /** For the page, while there is no answer; no host, no path. */
  readonly why: string;
  /** Called when the answers stop. */
  readonly onSilence: (error: unknown) => void;
  /** The age up to which a known answer is given to others, in milliseconds (1,000). */
  readonly freshMs?: number;
}

/**
 * A figure of another part. However many pages ask for it, one question is under way, and at most one is asked in a second;
 * while no page asks there is none. Without an answer in time the figure is unknown, and the question goes on.
 */
export class SharedReading<T> {
  private latest: Reading<T> | undefined;
  private pending: Promise<void> | undefined;
  /** By `performance.now()`: after the time of day was set back, nothing would be asked until it is that time again. */
  private askedAt = -Infinity;
  private heardAt: number | undefined;

  constructor(private readonly options: Options<T>) {}

  /** Never rejects. */
  async read(): Promise<Reading<T>> {
    const now = performance.now();
    const freshMs = this.latest?.state === 'known' ? (this.options.freshMs ?? FRESH_MS) : FRESH_MS;
    if (this.pending === undefined && now - this.askedAt >= freshMs) {
      this.askedAt = now;
      this.heardAt ??= Date.now();
      this.pending = this.ask(Date.now());
    }
    const left = this.askedAt + PATIENCE_MS - now;
    if (this.pending !== undefined && left > 0) await orAfter(left, this.pending);
    const isLate = this.pending !== undefined;
    return isLate || this.latest === undefined ? this.unknown() : this.latest;
  }

  private async ask(at: number): Promise<void> {
    try {
      const value = await this.options.ask();
      this.heardAt = at;
      this.latest = { state: 'known', at: new Date(at).toISOString(), value };
    } catch (error) {
      if (this.latest?.state !== 'unknown') this.options.onSilence(error);
      this.latest = this.unknown();
    } finally {
      this.pending = undefined;
    }
  }

  private unknown(): Reading<T> {
    return { state: 'unknown', since: new Date(this.heardAt ?? Date.now()).toISOString(), why: this.options.why };
  }
}

async function orAfter(ms: number, answer: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([answer, patience]);
  clearTimeout(timer);
}
