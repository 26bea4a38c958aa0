import { isDeepStrictEqual } from 'node:util';

interface Span {
  readonly since: Date;
  /** Undefined where nothing ends it by itself. */
  readonly until: Date | undefined;
}

/**
 * The fault of one part of the outside world, and since when. It ends by the clock at the next read: the client that switched it
 * on may be gone by then.
 */
export class Section<Fault extends object> {
  private span: Span | undefined;
  private set: Fault;

  /** @param harmless the part as it works */
  constructor(private readonly harmless: Fault) {
    this.set = harmless;
  }

  get fault(): Fault {
    return this.isOver() ? this.harmless : this.set;
  }

  /** Changes what is on; its end stays. */
  set fault(fault: Fault) {
    this.set = fault;
  }

  /** When the fault began and ends; once it is over, those of the last one. */
  get last(): { since: string; until: string | null } | null {
    if (this.span === undefined) return null;
    return { since: this.span.since.toISOString(), until: this.span.until?.toISOString() ?? null };
  }

  /** Replaces the whole fault, the harmless one ends it. @param forSeconds until it ends by itself; undefined: it stays */
  replace(fault: Fault, forSeconds: number | undefined): void {
    const now = new Date();
    if (isDeepStrictEqual(fault, this.harmless)) {
      if (this.span !== undefined && !this.isOver()) this.span = { ...this.span, until: now };
    } else {
      const until = forSeconds === undefined ? undefined : new Date(now.getTime() + forSeconds * 1_000);
      this.span = { since: now, until };
    }
    this.set = fault;
  }

  private isOver(): boolean {
    return this.span?.until !== undefined && this.span.until <= new Date();
  }
}
