/**
 * One answer for all requests that come within so many milliseconds, also where that answer is an error.
 */
export class SharedAnswer<T> {
  private asked: { readonly at: number; readonly answer: Promise<T> } | undefined;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly freshMs: number,
  ) {}

  get(): Promise<T> {
    // Not by the time of day: an answer would be given for an hour after that was set back by one.
    const now = performance.now();
    if (this.asked === undefined || now - this.asked.at > this.freshMs) this.asked = { at: now, answer: this.ask() };
    return this.asked.answer;
  }

  /** The next one who comes asks again. */
  forget(): void {
    this.asked = undefined;
  }
}
