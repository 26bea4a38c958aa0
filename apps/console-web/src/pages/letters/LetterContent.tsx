import type { OpenedLetter } from '@orderflow/console-api';
import { visible } from '../../words/visible.js';
import css from './Letter.module.css';

const about = {
  event: 'The event as a CloudEvents document. E-mail addresses and confidential fields are masked.',
  request: 'The request as it is sent outside. E-mail addresses and confidential fields are masked.',
  bytes: 'The record is no event: these are its bytes as text, with e-mail addresses masked.',
} as const;

/** The content as text: nothing in it becomes markup, and nothing in it is hidden. */
export function LetterContent({ letter: { content, undecodable, kind } }: { letter: OpenedLetter }) {
  if (content === null) {
    const words = kind === 'call' ? 'The request is kept only until the call is settled.' : 'No content is kept.';
    return <p className={css.soft}>{undecodable === null ? words : visible(undecodable)}</p>;
  }
  return (
    <>
      <p className={css.soft}>
        {about[content.of]} {content.bytes.toLocaleString('en-GB')} bytes
        {content.isCut && `, of which the first ${content.text.length.toLocaleString('en-GB')} characters are shown`}.
      </p>
      <pre className={css.content} tabIndex={0} role="region" aria-label="Content">
        {visible(content.text)}
      </pre>
    </>
  );
}
