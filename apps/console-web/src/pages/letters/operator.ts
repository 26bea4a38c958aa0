import { Store } from '../../live/store.js';

const KEY = 'orderflow.operator';
// What the header X-Operator may be.
const NAME = /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/;

export const isOperatorName = (name: string): boolean => NAME.test(name);

function kept(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    // Storage is switched off: the name is asked for again on the next visit.
    return '';
  }
}

/** In whose name letters are acted on, kept in this browser. There is no authentication: it is believed. */
export const operator = new Store<string>(kept());

operator.subscribe(() => {
  try {
    localStorage.setItem(KEY, operator.get());
  } catch {
    // As above: it holds until the page is closed.
  }
});
