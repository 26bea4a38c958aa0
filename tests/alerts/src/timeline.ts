import { styleText } from 'node:util';

/** What happens to an alert, in this order; one without `for` is never pending. */
export type Moment = 'caused' | 'pending' | 'firing' | 'mended' | 'resolved';

/** When what happened in a drill: printed as it comes, in seconds from the moment the condition was caused. */
export class Timeline {
  private readonly began = Date.now();
  private readonly moments = new Map<Moment, number>();

  say(what: string): void {
    const caused = this.moments.get('caused');
    const passed = ((Date.now() - (caused ?? this.began)) / 1000).toFixed(1);
    console.log(`${(caused === undefined ? passed : `+${passed}`).padStart(7)} s  ${what}`);
  }

  mark(moment: Moment, detail: string): void {
    if (this.moments.has(moment)) return;
    this.moments.set(moment, Date.now());
    this.say(`${styleText('bold', moment.padEnd(8))}  ${detail}`);
  }

  /** Seconds between two moments, for a table; empty when one of them did not come. */
  between(one: Moment, other: Moment): string {
    const [from, to] = [this.moments.get(one), this.moments.get(other)];
    return from === undefined || to === undefined ? '' : ((to - from) / 1000).toFixed(1);
  }
}
