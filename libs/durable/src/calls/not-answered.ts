/** What a call that was put off waits for. */
export type WaitsFor = 'other-side' | 'operator';

/**
 * The next attempt of a call without an answer:
 * - `after`: this call alone, after `ms` or up to half as much again. `waitsFor` where the other side has answered, and the call
 *   had no effect: it may yet accept exactly this call (`deferredSince` of the next attempts is the first of these answers), or
 *   an operator has to mend something first. While it waits, an operator may settle it.
 * - `pause`: the other side takes no calls at all. All calls of this kind wait together, with backoff or for `ms`.
 * - `refused`: the other side refuses this call, and may well do so each time. After some refusals (`callMaxRefusals`) it is a
 *   dead letter, and an operator decides.
 * - `unbegun`: the call was given up before it could have an effect. Any instance may make it at once.
 */
export type NextAttempt =
  | { readonly when: 'after'; readonly ms: number; readonly waitsFor?: WaitsFor }
  | { readonly when: 'pause'; readonly ms?: number }
  | { readonly when: 'refused' }
  | { readonly when: 'unbegun' };

/** Thrown by a caller that knows more of the next attempt than that there has to be one. */
export class NotAnswered extends Error {
  override readonly name = 'NotAnswered';

  /** @param message the reason, for `last_error` and the log */
  constructor(
    message: string,
    readonly next: NextAttempt,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
