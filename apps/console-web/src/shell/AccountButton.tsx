import type { Caller } from '@orderflow/console-api';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { meQuery } from '../api/queries.js';
import { useStore } from '../live/store.js';
import { signOut } from '../session/sign-in.js';
import { Actions, Button, Dialog, Note } from '../ui/parts.js';
import { instantOf } from '../words/format.js';
import { zone } from './settings.js';
import css from './Shell.module.css';

/** Who is signed in; nothing where the console asks for no token. */
export function AccountButton() {
  const { data: me } = useQuery(meQuery);
  const [isOpen, setOpen] = useState(false);
  if (!me?.caller) return null;
  return (
    <>
      <Button
        look="quiet"
        icon="person"
        aria-label={`Signed in as ${me.caller.subject}; sign out`}
        onClick={() => setOpen(true)}
      />
      {isOpen && <Account caller={me.caller} onClose={() => setOpen(false)} />}
    </>
  );
}

function Account({ caller: { subject, roles, until }, onClose }: { caller: Caller; onClose: () => void }) {
  const shown = useStore(zone);
  const leave = useMutation({ mutationFn: signOut });
  return (
    <Dialog title="Signed in" onClose={onClose}>
      <dl className={css.account}>
        <dt>As</dt>
        <dd>
          <bdi>{subject}</bdi>
        </dd>
        <dt>Roles</dt>
        <dd>{roles.join(', ')}</dd>
        <dt>Until</dt>
        <dd>{instantOf(until, shown)}</dd>
      </dl>
      <p className={css.accountHint}>
        What you do to orders and dead letters is recorded under this name. Signing out ends the session in all tabs;
        the token itself is valid until it expires.
      </p>
      {leave.error && (
        <Note tone="bad">
          <p>{leave.error.message} You are still signed in.</p>
        </Note>
      )}
      <Actions>
        <Button look="primary" disabled={leave.isPending} onClick={() => leave.mutate()}>
          Sign out
        </Button>
        <Button onClick={onClose}>Stay</Button>
      </Actions>
    </Dialog>
  );
}
