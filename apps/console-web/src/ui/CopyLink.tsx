import { useState } from 'react';
import { useShortcuts } from '../shell/keys.js';
import { Button } from './parts.js';

const SHOWN_MS = 1600;

/** Copies the address of what is shown: every state of a page is a link. */
export function CopyLink() {
  const [word, setWord] = useState<'Copy link' | 'Copied' | 'Not allowed'>('Copy link');
  const copy = (): void => {
    const done = (next: typeof word) => (): void => {
      setWord(next);
      setTimeout(() => setWord('Copy link'), SHOWN_MS);
    };
    navigator.clipboard.writeText(window.location.href).then(done('Copied'), done('Not allowed'));
  };
  useShortcuts([{ keys: 'y', says: 'copy the link', run: copy }]);
  return (
    <Button look="quiet" icon="link" onClick={copy}>
      {word}
    </Button>
  );
}
