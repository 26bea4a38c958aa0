/** Of a stretch of time in a page, milliseconds. */
export interface Smoothness {
  /** Tasks of the main thread that took longer than 50 ms. */
  readonly longTasks: number[];
  /** Between two frames. */
  readonly frames: number[];
}

/** What measures inside a page: `in-page/probe.js`. Elements are given by selectors. */
export interface Probe {
  /** Milliseconds since the page was asked for, until its first paint; NaN before. */
  firstPaint(): number;
  /** Milliseconds since then, until the frame that shows the element. */
  firstShown(selector: string): Promise<number>;
  /** From now on waits for an input, and then for the element. */
  arm(input: string, selector: string): void;
  /** Milliseconds from that input until the frame that shows the element. */
  shown(): Promise<number>;
  /** From now on keeps when each element is shown first, by an attribute. */
  stampNew(selector: string, attribute: string): void;
  /** Milliseconds since 1970 by the value of the attribute. */
  seen(): Record<string, number>;
  /** Scrolls a list to its end until it has so many pixels, or no more rows; then back. @throws Error after the time */
  load(list: string, pixels: number, withinMs: number): Promise<void>;
  /** @param pixels that the list is scrolled in each frame, down to its end and up again */
  watchFrames(list: string, forMs: number, pixels: number): Promise<Smoothness>;
}
