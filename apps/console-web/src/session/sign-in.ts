import type { Caller } from '@orderflow/console-api';
import { ask, OWN, post, Problem } from '../api/client.js';
import { session } from './session.js';

/** The tabs of this browser share the cookie, so they share its end too. */
const tabs = new BroadcastChannel('orderflow.session');
tabs.addEventListener('message', ({ data }) =>
  session.set(data === 'in' ? { state: 'in' } : { state: 'out', why: 'left' }),
);

function enter(): void {
  session.set({ state: 'in' });
  tabs.postMessage('in');
}

/** @throws Problem where the token is refused, Unreachable */
export async function signIn(token: string): Promise<void> {
  await post<Caller>('/api/session', { token: token.trim() });
  enter();
}

/** @throws Problem, Unreachable: the session then goes on */
export async function signOut(): Promise<void> {
  await ask('/api/session', { method: 'DELETE', headers: OWN });
  session.set({ state: 'out', why: 'left' });
  tabs.postMessage('out');
}

/** The token of a link that ends with `#token=...`. Fragments are sent to no server. */
const tokenIn = (hash: string): string | undefined => /^#token=([\w.-]+)$/.exec(hash)?.[1];

/**
 * Signs in by a link, and takes the token out of the address and out of the history at once.
 * @param wipe replaces the address by itself without its fragment
 */
export async function signInByLink(wipe: () => void): Promise<void> {
  const token = tokenIn(window.location.hash);
  if (token === undefined) return;
  wipe();
  session.set({ state: 'entering' });
  try {
    await signIn(token);
  } catch (error) {
    // A console that asks for no token has no sessions.
    if (error instanceof Problem && error.status === 404) enter();
    else session.set({ state: 'out', why: 'new', refusal: refusalIn(error as Error) });
  }
}

/** All refusals of a token are one for the console; people want to know what they can do. */
export const refusalIn = (error: Error): string =>
  error instanceof Problem && [400, 401].includes(error.status)
    ? 'The console does not accept this token. It has expired, is of another system, or is not the whole token.'
    : error.message;
