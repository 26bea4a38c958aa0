import { useEffect, useState } from 'react';
import { behindMs, connection, retryNow } from '../live/live.js';
import { useStore } from '../live/store.js';
import { classes } from '../ui/parts.js';
import { durationOf } from '../words/format.js';
import css from './Shell.module.css';

// The journal commits in batches: below this it is at work, not behind.
const BEHIND_MS = 2000;

/** The console's own failure must be the loudest: old data never looks live. */
export function ConnectionState() {
  const state = useStore(connection);
  const behind = useStore(behindMs);
  const now = useNow(state.state === 'lost');
  if (state.state === 'lost') {
    return (
      <span className={classes(css.state, css.lost)} role="status">
        <span className={css.dot} />
        connection lost {durationOf(Math.max(0, now - state.since))} ago{' '}
        <button type="button" className={css.retry} onClick={retryNow}>
          try now
        </button>
      </span>
    );
  }
  if (state.state === 'connecting') {
    return (
      <span className={css.state}>
        <span className={css.dot} /> connecting
      </span>
    );
  }
  const isBehind = behind > BEHIND_MS;
  return (
    <span className={classes(css.state, isBehind ? css.behind : css.live)}>
      <span className={css.dot} /> {isBehind ? `journal behind ${durationOf(behind)}` : 'live'}
    </span>
  );
}

function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTicking) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isTicking]);
  return now;
}
