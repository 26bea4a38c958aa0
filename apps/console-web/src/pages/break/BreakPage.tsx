import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { breaksQuery } from '../../api/queries.js';
import { FOR_ADMINS, useRefusals } from '../../session/refusals.js';
import { useAt } from '../../shell/clock.js';
import { Failed, Note, Skeleton } from '../../ui/parts.js';
import { PageHead } from '../../ui/PageHead.js';
import { Day } from '../day/Day.js';
import css from './Break.module.css';
import { lengths, parts, USUAL_LENGTH } from './offers.js';
import { Part } from './Part.js';
import { Services } from './Services.js';
import { UnderWay } from './UnderWay.js';

export function BreakPage() {
  const isPast = useAt() !== undefined;
  const why = useRefusals()('admin');
  const { for: seconds = USUAL_LENGTH } = useSearch({ from: '/break' });
  const { data, error, refetch } = useQuery(breaksQuery);
  useEffect(() => {
    document.title = 'Break · Orderflow';
  }, []);
  return (
    <div className={css.page}>
      <PageHead title="What happens if …">
        A sandbox plays the payment provider and the mail server. It breaks for real, and each break ends by itself,
        also when this page is closed or the console is killed meanwhile: the sandbox counts the seconds.
      </PageHead>
      {error && <Failed what="What is broken" error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={180} count={2} />}
      {data?.isOn === false && <Off />}
      {data?.isOn === true && (
        <>
          {why === FOR_ADMINS && <ForAdmins />}
          <Lengths seconds={seconds} />
          <div className={css.parts}>
            {parts.map(({ part, title, offers }) => {
              const standing = data.parts.find((it) => it.part === part);
              return (
                standing && (
                  <Part
                    key={part}
                    {...{ title, offers, standing, why }}
                    now={Date.parse(data.now)}
                    seconds={Number(seconds)}
                  />
                )
              );
            })}
          </div>
          {!isPast && <UnderWay />}
          <Day isPast={isPast} />
          <Services />
        </>
      )}
    </div>
  );
}

const Off = () => (
  <Note tone="wait">
    <p>
      <strong>Nothing can be broken from here.</strong> <code>BREAKS=on</code> switches this page on;{' '}
      <code>npm start</code> and compose set it. Leave it off where customers order.
    </p>
  </Note>
);

const ForAdmins = () => (
  <Note tone="wait">
    <p>
      <strong>Only an admin may break something.</strong> You see what is broken, and how it heals.
    </p>
  </Note>
);

/** How long the next break lasts. */
function Lengths({ seconds }: { seconds: string }) {
  const navigate = useNavigate({ from: '/break' });
  return (
    <fieldset className={css.lengths}>
      <legend>The next break ends after</legend>
      {lengths.map(([length, words]) => (
        <label key={length}>
          <input
            type="radio"
            name="length"
            checked={length === seconds}
            onChange={() => void navigate({ search: (before) => ({ ...before, for: length }), replace: true })}
          />
          {words}
        </label>
      ))}
    </fieldset>
  );
}
