import type { Caller } from '@orderflow/auth';
import type { Caller as ShownCaller } from '@orderflow/console-api';

/** What the pages are told of their reader: never the token. */
export const shownCaller = ({ subject, roles, expiresAt }: Caller): ShownCaller => ({
  subject,
  roles: [...roles],
  until: expiresAt.toISOString(),
});
