import type { Story } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import { useStore } from '../../live/store.js';
import { Problem } from '../../api/client.js';
import { zone } from '../../shell/settings.js';
import { Actions, Button, Failed, ForReaders, Note, panel, Skeleton } from '../../ui/parts.js';
import { instantOf } from '../../words/format.js';
import css from './Order.module.css';

export const OrderLoading = ({ orderId }: { orderId: string }) => (
  <div className={css.page} aria-busy="true">
    <p className={css.crumb}>
      <Link to="/orders">‹ Orders</Link>
      <code>{orderId}</code>
    </p>
    <ForReaders>
      <h1>The order is being read</h1>
    </ForReaders>
    <Skeleton height={30} />
    <Skeleton height={22} />
    <div className={panel} style={{ padding: 16 }}>
      <Skeleton height={84} count={5} />
    </div>
  </div>
);

/** An order that is not known here may have been placed this second. */
export function OrderFailed({ orderId, error, retry }: { orderId: string; error: Error; retry: () => void }) {
  const isUnknown = error instanceof Problem && [400, 404, 410].includes(error.status);
  return (
    <div className={css.page}>
      <p className={css.crumb}>
        <Link to="/orders">‹ Orders</Link>
        <code>{orderId}</code>
      </p>
      {isUnknown ? (
        <>
          <h1 className={css.sentence}>No order has this id.</h1>
          <Note tone="wait">
            <p>{error.message}</p>
            <p>If it was placed this second, its first event may not have been read yet.</p>
            <Actions>
              <Button onClick={retry}>Look again</Button>
            </Actions>
          </Note>
        </>
      ) : (
        <>
          <h1 className={css.sentence}>The order could not be read.</h1>
          <Failed what="Its story" error={error} retry={retry} />
        </>
      )}
    </div>
  );
}

export function BeforeItExisted({ first, onGo }: { first: string; onGo: () => void }) {
  const shown = useStore(zone);
  return (
    <Note tone="wait">
      <p>It came to be at {instantOf(first, shown)}, later than the instant of this page.</p>
      <Actions>
        <Button onClick={onGo}>Go there</Button>
      </Actions>
    </Note>
  );
}

/** A record that is no event is a part of the story: it is shown with its place, not left out. */
export const OtherRecords = ({ records }: { records: Story['others'] }) =>
  records.length === 0 ? null : (
    <Note tone="bad">
      <p>
        <strong>Not every record of this order is an event.</strong> What they say is missing above.
      </p>
      {records.map(({ position, topic, partition, offset, why }) => (
        <p key={position}>
          <code>
            {topic}/{partition}/{offset}
          </code>{' '}
          <bdi>{why}</bdi>
        </p>
      ))}
    </Note>
  );
