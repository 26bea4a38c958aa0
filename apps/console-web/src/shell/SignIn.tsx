import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Session } from '../session/session.js';
import { refusalIn, signIn } from '../session/sign-in.js';
import { Field } from '../ui/Field.js';
import form from '../ui/Form.module.css';
import { Actions, Button, classes, Note, panel } from '../ui/parts.js';
import css from './SignIn.module.css';

type Outside = Exclude<Session, { state: 'in' }>;

/** Lines that print a token, for the ways in which the system is started. */
const commands = [
  ['npm start', 'npm run -s token -- --role operator'],
  ['compose', 'docker compose run --rm token --role operator'],
] as const;

/** Asks for a token in the place of the page, and lets the page back in its place afterwards. */
export default function SignIn({ session }: { session: Outside }) {
  useEffect(() => {
    document.title = 'Sign in · Orderflow';
  }, []);
  return (
    <main className={css.page}>
      <div className={classes(panel, css.card)}>
        <p className={css.brand}>
          <img src="/icon.svg" alt="" width={24} height={24} />
          Orderflow
        </p>
        <h1>Sign in</h1>
        <p role="status">{wordsOf(session)}</p>
        {session.state === 'out' && <Form refusal={session.refusal} />}
        <section className={css.how} aria-labelledby="how">
          <h2 id="how">Where a token comes from</h2>
          <dl>
            {commands.map(([way, command]) => (
              <div key={way}>
                <dt>{way}</dt>
                <dd>
                  <code>{command}</code>
                </dd>
              </div>
            ))}
          </dl>
          <p>
            With <code>--role admin</code> you may also settle and discard dead letters, and break things. In a company,
            its identity provider issues the token.
          </p>
        </section>
      </div>
    </main>
  );
}

function wordsOf(session: Outside): string {
  if (session.state === 'entering') return 'The link brought a token: it is being checked.';
  switch (session.why) {
    case 'new':
      return 'The console shows the orders of all customers. It is for operators.';
    case 'ended':
      return 'Your session has ended. Sign in again, and you are back on this page.';
    case 'left':
      return 'You are signed out.';
  }
}

function Form({ refusal }: { refusal: string | undefined }) {
  const field = useRef<HTMLInputElement>(null);
  const [token, setToken] = useState('');
  const enter = useMutation({ mutationFn: signIn });
  useEffect(() => field.current?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    enter.mutate(token);
  };
  const why = enter.error ? refusalIn(enter.error) : enter.isIdle ? refusal : undefined;
  return (
    <form className={form.form} onSubmit={submit}>
      <Field
        ref={field}
        label="Token"
        type="password"
        autoComplete="off"
        value={token}
        onChange={setToken}
        isRefused={why !== undefined}
        aria-describedby="token-refusal"
      />
      <div id="token-refusal" className={css.refusal}>
        {why !== undefined && (
          <Note tone="bad">
            <p>{why}</p>
          </Note>
        )}
      </div>
      <Actions>
        <Button type="submit" look="primary" disabled={enter.isPending}>
          {enter.isPending ? 'Sent, not answered yet' : 'Sign in'}
        </Button>
      </Actions>
    </form>
  );
}
