import type { Letter, LetterOutcome } from '@orderflow/console-api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { post, Problem } from '../../api/client.js';
import { meQuery } from '../../api/queries.js';
import { useStore } from '../../live/store.js';
import type { Deed } from '../../search-params.js';
import { Field } from '../../ui/Field.js';
import form from '../../ui/Form.module.css';
import { Actions, Button, classes, Dialog, Note } from '../../ui/parts.js';
import { countOf } from '../../words/format.js';
import { choiceInWords, lettersInWords } from '../../words/letters.js';
import css from './Dialog.module.css';
import { DryRun } from './DryRun.js';
import { isOperatorName, operator } from './operator.js';
import { Outcome } from './Outcome.js';
import { addressOf, allOf, commonChoices, nameOf } from './selection.js';

interface Props {
  readonly deed: Deed;
  /** Frozen: exactly these, whatever comes meanwhile. */
  readonly letters: readonly Letter[];
  /** What the list shows now. */
  readonly known: ReturnType<typeof allOf>;
  readonly onClose: () => void;
}

const verbs: Record<Deed, string> = {
  retry: 'Retry',
  discard: 'Discard',
  settle: 'Settle',
  acknowledge: 'Acknowledge',
};

const consequences: Record<Deed, string> = {
  retry: 'Each is tried again, with all its attempts. Those behind it follow in order.',
  discard:
    'They are taken out of their queues for good, and kept with the reason. The events behind them go on without them: an order that needed one does not end by itself.',
  settle: 'Your answer takes the place of the other side’s. The calls are never made again.',
  acknowledge: 'The audit and the alert name them no more. The records stay lost.',
};

/** Of a reason. */
const MOST_CHARACTERS = 500;

/** Asks before anything is done, says what it would do, and then what it did, with figures that add up. */
export default function ActDialog({ deed, letters, known, onClose }: Props) {
  const queries = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const act = useMutation({
    mutationFn: async (wish: object) =>
      post<LetterOutcome>(
        '/api/letters/actions',
        { action: deed, letters: letters.map(addressOf), ...wish },
        me?.caller ? {} : { 'x-operator': operator.get() },
      ),
    onSettled: async () =>
      Promise.all([['letters'], ['letter']].map(async (queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  const isRefused = act.error instanceof Problem && act.error.document['found'] !== undefined;
  return (
    <Dialog title={`${verbs[deed]} ${lettersInWords(letters)}?`} onClose={onClose}>
      {act.data ? (
        <Outcome deed={deed} outcome={act.data} letters={letters} known={known} onClose={onClose} />
      ) : (
        <>
          <About deed={deed} letters={letters} known={known} />
          {deed === 'retry' && <DryRun letters={letters} />}
          <div className={css.refusal}>{act.error && <Refused error={act.error} onClose={onClose} />}</div>
          {!isRefused && (
            <Form
              deed={deed}
              letters={letters}
              signedInAs={me?.caller?.subject}
              isSent={act.isPending}
              onAct={(wish) => act.mutate(wish)}
              onClose={onClose}
            />
          )}
        </>
      )}
    </Dialog>
  );
}

function About({ deed, letters, known }: Pick<Props, 'deed' | 'letters' | 'known'>) {
  const behind = letters.reduce((sum, it) => sum + it.behind, 0);
  const own = new Set(letters.map(nameOf));
  const groups = new Set(letters.map(({ service, kind, state }) => `${service} ${kind} ${state}`));
  const came = known.filter(
    (it) => groups.has(`${it.service} ${it.kind} ${it.state}`) && it.since > newest(letters) && !own.has(nameOf(it)),
  );
  return (
    <>
      <p>
        At {[...new Set(letters.map(({ service }) => service))].join(', ')}
        {behind > 0 && `; ${countOf(behind, 'event waits', 'events wait')} behind`}. {consequences[deed]}
      </p>
      {came.length > 0 && <p className={css.soft}>{countOf(came.length, 'more letter')} came since, not included.</p>}
    </>
  );
}

const newest = (letters: readonly Letter[]): string =>
  letters
    .map(({ since }) => since)
    .toSorted()
    .at(-1) ?? '';

/** A refusal in which nothing was done, with the figures of both sides where the selection has changed. */
function Refused({ error, onClose }: { error: Error; onClose: () => void }) {
  const document = error instanceof Problem ? error.document : {};
  const [expected, found] = [document['expected'], document['found']];
  if (typeof expected !== 'number' || typeof found !== 'number')
    return (
      <Note tone="bad">
        <p>{error.message}</p>
      </Note>
    );
  return (
    <Note tone="bad">
      <p>
        <strong>
          You meant {expected}, and {found} {found === 1 ? 'is' : 'are'} still as you saw {found === 1 ? 'it' : 'them'}.
        </strong>{' '}
        Nothing was done.
      </p>
      <Actions>
        <Button onClick={onClose}>Look again</Button>
      </Actions>
    </Note>
  );
}

interface FormProps extends Pick<Props, 'deed' | 'letters' | 'onClose'> {
  /** Then the actions are recorded under this name. */
  readonly signedInAs: string | undefined;
  readonly isSent: boolean;
  readonly onAct: (wish: object) => void;
}

function Form({ deed, letters, signedInAs, isSent, onAct, onClose }: FormProps) {
  const choices = commonChoices(letters);
  const name = useStore(operator);
  const [count, setCount] = useState(letters.length === 1 ? '1' : '');
  const [rate, setRate] = useState('10');
  const [reason, setReason] = useState('');
  const [as, setAs] = useState(choices[0] ?? '');
  const [reference, setReference] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const expected = Number(count);
    if (deed === 'retry') onAct({ expected, ratePerSecond: Number(rate) });
    else if (deed === 'settle') onAct({ expected, as, reason, ...(reference !== '' && { reference }) });
    else onAct({ expected, reason });
  };
  if (deed === 'settle' && choices.length === 0)
    return <p>These calls have no settlement in common: settle each kind by itself.</p>;
  return (
    <form className={classes(form.form, css.form)} onSubmit={submit}>
      {deed === 'settle' && (
        <label>
          As
          <select value={as} onChange={({ target }) => setAs(target.value)}>
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choiceInWords(choice)}
              </option>
            ))}
          </select>
        </label>
      )}
      {deed === 'settle' && letters.length === 1 && (
        <Field
          label="Reference of the other side, if there is one"
          maxLength={MOST_CHARACTERS}
          value={reference}
          onChange={setReference}
          isOptional
        />
      )}
      {deed !== 'retry' && (
        <Field label="Reason, kept with each of them" maxLength={MOST_CHARACTERS} value={reason} onChange={setReason} />
      )}
      <div className={form.pair}>
        {signedInAs === undefined && (
          <Field
            label="In whose name"
            value={name}
            onChange={(text) => operator.set(text)}
            refusal={name === '' || isOperatorName(name) ? undefined : 'up to 64 characters of ASCII'}
          />
        )}
        {deed === 'retry' && letters.length > 1 && (
          <Field label="Queues per second" type="number" value={rate} onChange={setRate} />
        )}
      </div>
      {letters.length > 1 && (
        <Field label={`How many? Type the number to go on`} type="number" value={count} onChange={setCount} />
      )}
      {signedInAs !== undefined && (
        <p className={css.soft}>
          Recorded under the name that you are signed in with: <bdi>{signedInAs}</bdi>.
        </p>
      )}
      <Actions>
        <Button type="submit" look="primary" disabled={isSent}>
          {isSent ? 'Sent, not answered yet' : `${verbs[deed]} ${letters.length > 1 ? letters.length : 'it'}`}
        </Button>
        <Button onClick={onClose}>Leave {letters.length > 1 ? 'them' : 'it'}</Button>
      </Actions>
    </form>
  );
}
