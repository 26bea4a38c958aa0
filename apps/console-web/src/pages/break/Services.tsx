import { classes, panel } from '../../ui/parts.js';
import css from './Break.module.css';

/** The console owns no process: what it cannot do honestly, it tells how to do. */
export const Services = () => (
  <section className={classes(panel, css.services)} aria-labelledby="services">
    <h2 id="services">A service of our own …</h2>
    <p>… is killed in a terminal: the console owns no process. Orders that need it wait, and go on when it is back.</p>
    <dl>
      <dt>npm start</dt>
      <dd>
        <code>kill -9 $(node -p &quot;require(&apos;./.data/run.json&apos;).pids.payments&quot;)</code>
        <code>kill -USR2 $(node -p &quot;require(&apos;./.data/run.json&apos;).pid&quot;)</code>
      </dd>
      <dt>compose</dt>
      <dd>
        <code>docker compose kill payments</code>
        <code>docker compose up -d payments</code>
      </dd>
    </dl>
  </section>
);
