import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { auditQuery, proofQuery } from '../../api/proof-queries.js';
import { useAt } from '../../shell/clock.js';
import { classes, Failed, Note, panel, Skeleton } from '../../ui/parts.js';
import { PageHead } from '../../ui/PageHead.js';
import { Audit } from './Audit.js';
import { History } from './History.js';
import css from './Proof.module.css';
import { Sums } from './Sums.js';

export function ProofPage() {
  const at = useAt();
  const { audit: chosen } = useSearch({ from: '/proof' });
  const { data, error, refetch } = useQuery(proofQuery(at));
  const older = useQuery(auditQuery(chosen));
  useEffect(() => {
    document.title = 'Proof · Orderflow';
  }, []);
  const report = chosen === undefined ? data?.audit : older.data;
  return (
    <div className={css.page}>
      <PageHead title="Proof">
        Does it all add up? The journal tells it of what the services published. The audit tells it of all databases,
        the ledger of the payment provider and the mailbox.
      </PageHead>
      {error && !data && <Failed what="The proof" error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <div className={classes(panel, css.box)} aria-busy="true">
          <Skeleton height={36} count={8} />
        </div>
      )}
      {data && (
        <>
          <Sums reading={data.sums} />
          {data.audit === null && <Never isPast={at !== undefined} />}
          {older.error && <Failed what="That audit" error={older.error} retry={() => void older.refetch()} />}
          {report && <Audit report={report} now={data.now} isChosen={chosen !== undefined} />}
          {data.history.length > 0 && <History items={data.history} shown={report?.at} />}
        </>
      )}
    </div>
  );
}

const Never = ({ isPast }: { isPast: boolean }) => (
  <Note tone="wait">
    <p>
      <strong>{isPast ? 'No audit was posted before then.' : 'No audit was posted yet.'}</strong> The audit reads five
      databases, so it is a command of its own and not a part of the console:
    </p>
    <p>
      <code>npx orderflow audit --post</code>
    </p>
    <p>
      Until then the sums above are all that is proven. <Link to="/flow">Flow</Link> shows how far each service has
      read.
    </p>
  </Note>
);
