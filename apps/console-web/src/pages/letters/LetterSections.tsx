import type { LetterGroup, LetterOverview } from '@orderflow/console-api';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { classes, panel } from '../../ui/parts.js';
import { Group } from './Group.js';
import css from './Letters.module.css';
import type { LettersState } from './useLetters.js';

interface Props {
  readonly overview: LetterOverview;
  readonly page: LettersState;
  readonly orderId: string | undefined;
}

/** Groups that need a person, then those that are repeated by themselves. */
export function LetterSections({ overview: { groups, services }, page, orderId }: Props) {
  const { group: chosen } = useSearch({ from: '/letters' });
  const navigate = useNavigate({ from: '/letters' });
  const unfolded = chosen ?? groups[0]?.key;
  const unfold = (key: string): void =>
    void navigate({
      search: (before) => ({ ...before, group: key === unfolded ? 'none' : key }),
      replace: true,
      resetScroll: false,
    });
  const isWhole = services.every(({ refusal }) => refusal === null);
  if (groups.length === 0 && !isWhole) return null;
  if (groups.length === 0) return <Nothing orderId={orderId} />;
  const section = (title: string, id: string, own: readonly LetterGroup[]) =>
    own.length > 0 && (
      <section className={classes(panel, css.section)} aria-labelledby={id}>
        <h2 id={id}>
          {title} <span>{own.reduce((sum, { letters }) => sum + letters.length, 0).toLocaleString('en-GB')}</span>
        </h2>
        {own.map((group) => (
          <Group
            key={group.key}
            group={group}
            page={page}
            isUnfolded={group.key === unfolded}
            onUnfold={() => unfold(group.key)}
          />
        ))}
      </section>
    );
  return (
    <>
      {section(
        'Needs a person',
        'needs-a-person',
        groups.filter(({ waitsFor }) => waitsFor === 'person'),
      )}
      {section(
        'Is repeated by itself',
        'heals',
        groups.filter(({ waitsFor }) => waitsFor !== 'person'),
      )}
    </>
  );
}

const Nothing = ({ orderId }: { orderId: string | undefined }) => (
  <div className={classes(panel, css.empty)}>
    <p>{orderId === undefined ? 'Nothing waits for a person.' : 'Nothing of this order has failed.'}</p>
    <p>
      {orderId === undefined
        ? 'Every event was handled, every call was answered, and no record expired unread.'
        : 'Its events were handled and its calls were answered, or they are still on their way.'}
    </p>
  </div>
);
