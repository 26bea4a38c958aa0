import { type FormEvent, useState } from 'react';
import { useStore } from '../live/store.js';
import form from '../ui/Form.module.css';
import { Button, Dialog, ForReaders } from '../ui/parts.js';
import { instantOf, offsetOf, type Zone } from '../words/format.js';
import { useAt, useSetAt } from './clock.js';
import { zone } from './settings.js';
import css from './Shell.module.css';

/** `2026-11-24T15:02:11.140` in the zone, as an input of the browser has it. */
function inputOf(instant: Date, shown: Zone): string {
  const offsetMs = shown === 'utc' ? 0 : instant.getTimezoneOffset() * 60_000;
  return new Date(instant.getTime() - offsetMs).toISOString().slice(0, -1);
}

/** The instant that an input means; undefined where it holds none. */
function instantFrom(input: string, shown: Zone): string | undefined {
  const at = new Date(shown === 'utc' ? `${input}Z` : input);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

export function ClockButton() {
  const at = useAt();
  const shown = useStore(zone);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        look={at === undefined ? 'quiet' : undefined}
        icon="clock"
        className={at === undefined ? undefined : css.past}
        title="Look at another time"
        onClick={() => setOpen(true)}
      >
        {at === undefined ? 'now' : instantOf(at, shown)}
        <ForReaders>, look at another time</ForReaders>
      </Button>
      {isOpen && <ClockDialog at={at} shown={shown} onClose={() => setOpen(false)} />}
    </>
  );
}

function ClockDialog({ at, shown, onClose }: { at: string | undefined; shown: Zone; onClose: () => void }) {
  const setAt = useSetAt();
  const [input, setInput] = useState(() => inputOf(at === undefined ? new Date() : new Date(at), shown));
  const [refusal, setRefusal] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const instant = instantFrom(input, shown);
    if (instant === undefined) return setRefusal('This is no date with a time.');
    if (Date.parse(instant) > Date.now()) return setRefusal('This is in the future: nothing has happened there yet.');
    setAt(instant);
    onClose();
  };
  return (
    <Dialog title="Look at another time" onClose={onClose}>
      <form className={form.form} onSubmit={submit}>
        <label>
          Date and time, {shown === 'utc' ? 'UTC' : offsetOf(new Date().toISOString(), 'local')}
          <input
            type="datetime-local"
            step="0.001"
            value={input}
            aria-describedby="clock-refusal"
            onChange={({ target }) => setInput(target.value)}
          />
        </label>
        <p id="clock-refusal" role="alert">
          {refusal}
        </p>
        <p>Every page then shows what the log contained at that time, by the clock of the broker.</p>
        <div>
          <Button type="submit" look="primary">
            Look
          </Button>{' '}
          {at !== undefined && (
            <Button
              onClick={() => {
                setAt(undefined);
                onClose();
              }}
            >
              Back to now
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
