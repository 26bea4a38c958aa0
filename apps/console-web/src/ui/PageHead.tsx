import type { ReactNode } from 'react';
import css from './PageHead.module.css';

/** The heading of a page, and what the page is about. */
export const PageHead = ({ title, id, children }: { title: ReactNode; id?: string; children?: ReactNode }) => (
  <header>
    <h1 id={id} className={css.title}>
      {title}
    </h1>
    {children !== undefined && <p className={css.about}>{children}</p>}
  </header>
);
