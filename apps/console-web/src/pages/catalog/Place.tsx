import type { CatalogEvent, CatalogStep } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { classes, panel } from '../../ui/parts.js';
import css from './Catalog.module.css';

/** The place of an event: in the log, and in the saga. */
export function Place({ event }: { event: CatalogEvent }) {
  const { owner, consumers, topic, key, because, leadsTo, undoes, undoneBy, isInSaga } = event;
  return (
    <div className={css.places}>
      <section className={classes(panel, css.box)} aria-labelledby="saga">
        <h2 id="saga">In the saga</h2>
        <dl className={css.facts}>
          <Fact name="published by">{owner}</Fact>
          <Fact name="consumed by">{consumers.join(', ') || 'no service: the end of its path'}</Fact>
          <Fact name="because of">
            {because.map((step) => (
              <Step key={[...step.on, step.trigger].join()} step={step} />
            ))}
          </Fact>
          {leadsTo.length > 0 && (
            <Fact name="leads to">
              {leadsTo.map((step) => (
                <p key={`${step.at} ${step.publishes.join()}`}>
                  <Types types={step.publishes} word="or" /> at {step.at}
                  {step.on.length > 1 && (
                    <>
                      , together with <Types types={step.on.filter((it) => it !== event.type)} word="and" />
                    </>
                  )}
                </p>
              ))}
            </Fact>
          )}
          {undoes.length > 0 && (
            <Fact name="takes back">
              <Types types={undoes} word="and" />
            </Fact>
          )}
          {undoneBy.length > 0 && (
            <Fact name="taken back by">
              <Types types={undoneBy} word="or" />
            </Fact>
          )}
          {!isInSaga && <Fact name="part of">no order: it keeps the price list of orders up to date</Fact>}
        </dl>
      </section>
      <section className={classes(panel, css.box)} aria-labelledby="record">
        <h2 id="record">In the log</h2>
        <dl className={css.facts}>
          <Fact name="topic">
            <Link to="/flow" search={{ node: `topic:${topic}` }}>
              {topic}
            </Link>
          </Fact>
          <Fact name="key">
            {key === 'order' ? 'the id of the order, as text' : 'the SKU, as text'}: the subject of the event
          </Fact>
          <Fact name="headers">
            <code>ce_id</code>, <code>ce_source</code>, <code>ce_specversion</code>, <code>ce_type</code>,{' '}
            <code>content-type</code>, <code>traceparent</code>
          </Fact>
          <Fact name="value">
            the id of the schema, then Avro: an envelope of CloudEvents attributes, and <code>data</code>
          </Fact>
          <Fact name="described in">
            <code>docs/events.md</code>, for clients in any language
          </Fact>
        </dl>
      </section>
    </div>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Step = ({ step }: { step: CatalogStep }) => <p>{step.trigger ?? <Types types={step.on} word="and" />}</p>;

/** Names of events, each a link to its page. */
const Types = ({ types, word }: { types: readonly string[]; word: 'and' | 'or' }) =>
  types.map((type, index) => (
    <span key={type}>
      {index > 0 && ` ${word} `}
      <Link to="/catalog/$type" params={{ type }}>
        {type}
      </Link>
    </span>
  ));
