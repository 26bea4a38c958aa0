import type { Caller } from '@orderflow/console-api';
import { useQuery } from '@tanstack/react-query';
import { meQuery } from '../api/queries.js';
import { useAt } from '../shell/clock.js';

/** What a signed-in reader may be able to do; every one of them is an operator. */
export type Needed = 'operator' | 'admin';

export const PAST = 'This is the past: nothing can be changed there.';
export const FOR_ADMINS = 'Only an admin may do this.';

/** @param caller null where the console asks for no token; undefined while it is not known: the server decides anyway */
export const mayDo = (caller: Caller | null | undefined, needed: Needed): boolean =>
  needed === 'operator' || !caller || caller.roles.includes('admin');

/** Tells of each kind of action why this reader cannot take it now; undefined where nothing stands against it. */
export function useRefusals(): (needed: Needed) => string | undefined {
  const at = useAt();
  const { data: me } = useQuery(meQuery);
  return (needed) => (at !== undefined ? PAST : mayDo(me?.caller, needed) ? undefined : FOR_ADMINS);
}
