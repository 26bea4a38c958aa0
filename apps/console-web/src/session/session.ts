import { Store } from '../live/store.js';

/** Whether this reader is signed in. Where the console asks for no token, each reader is. */
export type Session =
  | { readonly state: 'in' }
  /** A link brought a token, which is not answered yet. */
  | { readonly state: 'entering' }
  /** `new`: without a session so far. `ended`: it was valid before. `left`: by choice. */
  | { readonly state: 'out'; readonly why: 'new' | 'ended' | 'left'; readonly refusal?: string };

export const session = new Store<Session>({ state: 'in' });

let wasAnswered = false;

/** Tells that the console has answered: a later refusal is the end of a session. */
export const noteAnswer = (): void => {
  wasAnswered = true;
};

/**
 * Tells that the console has refused a request for want of a valid token.
 * @param asked the session in which the request was made: an answer that comes late says nothing about the present one
 */
export function noteRefusal(asked: Session): void {
  if (asked.state === 'in' && session.get() === asked)
    session.set({ state: 'out', why: wasAnswered ? 'ended' : 'new' });
}
