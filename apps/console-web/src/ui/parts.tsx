import { type ButtonHTMLAttributes, type ReactNode, useEffect, useRef } from 'react';
import { Problem } from '../api/client.js';
import { Icon, type IconName } from './icons.js';
import css from './parts.module.css';

export const classes = (...names: readonly (string | false | undefined)[]): string => names.filter(Boolean).join(' ');

export type Tone = 'good' | 'no' | 'open' | 'plain';

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: 'primary' | 'quiet' | undefined;
  icon?: IconName;
};

/** A button; one with an icon alone has its words in `aria-label`, which are also its tooltip. */
export const Button = ({ look, icon, children, className, ...rest }: ButtonProps) => (
  <button
    type="button"
    title={rest['aria-label']}
    {...rest}
    className={classes(css.button, look && css[look], children === undefined && css.square, className)}
  >
    {icon && <Icon name={icon} />}
    {children}
  </button>
);

/** A word with a colour; the icon says the same to those who see no colours. */
export const Tag = ({ tone, icon, children }: { tone: Tone; icon?: IconName | undefined; children: ReactNode }) => (
  <span className={classes(css.tag, tone !== 'plain' && css[tone])}>
    {icon && <Icon name={icon} size={13} />}
    {children}
  </span>
);

/** Something that the reader must know before the rest. */
export const Note = ({ tone, children }: { tone: 'wait' | 'bad'; children: ReactNode }) => (
  <div className={classes(css.note, css[tone])} role={tone === 'bad' ? 'alert' : 'status'}>
    <Icon name="warning" />
    <div className={css.noteText}>{children}</div>
  </div>
);

export const Actions = ({ children }: { children: ReactNode }) => <div className={css.actions}>{children}</div>;

/** Rows of the height of what is to come. It is invisible for 150 ms: most answers are faster. */
export const Skeleton = ({ height, count = 1, gap = 8 }: { height: number; count?: number; gap?: number }) => (
  <div aria-hidden="true">
    {Array.from({ length: count }, (_, index) => (
      <div key={index} className={css.skeleton} style={{ height, marginBottom: gap }} />
    ))}
  </div>
);

/** An answer that did not come, in the words of the server where it said some. */
export const Failed = ({ what, error, retry }: { what: string; error: Error; retry: () => void }) => (
  <Note tone="bad">
    <p>
      <strong>{what} could not be read.</strong> {error.message}
    </p>
    {error instanceof Problem && error.status >= 500 && <p>The console answered with {error.status}.</p>}
    <Actions>
      <Button onClick={retry}>Try again</Button>
    </Actions>
  </Note>
);

/** A modal dialog: the browser keeps the focus in it, closes it on Escape, and gives the focus back. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={css.dialog}
      aria-label={title}
      onClose={onClose}
      onClick={({ target }) => target === dialog.current && dialog.current?.close()}
    >
      <div className={css.dialogHead}>
        <h2>{title}</h2>
        <Button look="quiet" icon="cross" aria-label="Close" onClick={() => dialog.current?.close()} />
      </div>
      <div className={css.dialogBody}>{children}</div>
    </dialog>
  );
}

export const ForReaders = ({ children }: { children: ReactNode }) => <span className={css.srOnly}>{children}</span>;

export const panel = css.panel ?? '';
export const buttonLook = css.button ?? '';
