import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useStore } from '../live/store.js';
import { session } from '../session/session.js';
import { Button, ForReaders } from '../ui/parts.js';
import { dayOf, offsetOf, timeOf } from '../words/format.js';
import { AccountButton } from './AccountButton.js';
import { useAt, useSetAt } from './clock.js';
import { ClockButton } from './ClockButton.js';
import { ConnectionState } from './ConnectionState.js';
import { useShortcuts } from './keys.js';
import { LettersLink } from './LettersLink.js';
import { Search } from './Search.js';
import { theme, type Theme, zone } from './settings.js';
import css from './Shell.module.css';
import { ShortcutList } from './ShortcutList.js';

const nextTheme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const themeIcon = { system: 'auto', light: 'sun', dark: 'moon' } as const;

const SignIn = lazy(async () => import('./SignIn.js'));

/** The page, or the question for a token in its place: the address stays, so that the page is back afterwards. */
export function Shell() {
  const current = useStore(session);
  if (current.state === 'in') return <Frame />;
  return (
    <Suspense>
      <SignIn session={current} />
    </Suspense>
  );
}

/** The frame around every page. */
function Frame() {
  const navigate = useNavigate();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const shownTheme = useStore(theme);
  const shownZone = useStore(zone);
  const at = useAt();
  const setAt = useSetAt();
  const toggleZone = (): void => zone.set(shownZone === 'utc' ? 'local' : 'utc');
  useShortcuts([
    { keys: 'g n', says: 'go to Now', run: () => void navigate({ to: '/' }) },
    { keys: 'g o', says: 'go to Orders', run: () => void navigate({ to: '/orders' }) },
    { keys: 'g c', says: 'go to Catalog', run: () => void navigate({ to: '/catalog' }) },
    { keys: 'g f', says: 'go to Flow', run: () => void navigate({ to: '/flow' }) },
    { keys: 'g b', says: 'go to Break', run: () => void navigate({ to: '/break' }) },
    { keys: 'g l', says: 'go to Letters', run: () => void navigate({ to: '/letters' }) },
    { keys: 'g p', says: 'go to Proof', run: () => void navigate({ to: '/proof' }) },
    { keys: 'n', says: 'back to now', run: () => setAt(undefined) },
    { keys: 'z', says: 'UTC or local time', run: toggleZone },
    { keys: '?', says: 'this list', run: () => setHelpOpen(true) },
  ]);
  return (
    <>
      <a className={css.skip} href="#main">
        Skip to the page
      </a>
      <header className={css.header}>
        <div className={css.bar}>
          <Link to="/" className={css.brand} aria-label="Orderflow, to Now">
            <img src="/icon.svg" alt="" width={24} height={24} />
            <span className={css.brandName}>Orderflow</span>
          </Link>
          <nav className={css.nav} aria-label="Pages">
            <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
              Now
            </Link>
            <Link to="/orders" activeOptions={{ includeSearch: false }}>
              Orders
            </Link>
            <Link to="/flow" activeOptions={{ includeSearch: false }}>
              Flow
            </Link>
            <LettersLink />
            <Link to="/catalog" activeOptions={{ includeSearch: false }}>
              Catalog
            </Link>
            <Link to="/proof" activeOptions={{ includeSearch: false }}>
              Proof
            </Link>
            <Link to="/break" activeOptions={{ includeSearch: false }}>
              Break
            </Link>
          </nav>
          <Search />
          <div className={css.right}>
            <ConnectionState />
            <ClockButton />
            <Button look="quiet" onClick={toggleZone} title="Change the zone">
              {shownZone === 'utc' ? 'UTC' : offsetOf(new Date().toISOString(), 'local')}
              <ForReaders>, change the zone</ForReaders>
            </Button>
            <Button
              look="quiet"
              icon={themeIcon[shownTheme]}
              aria-label={`Colours: ${shownTheme}; change`}
              onClick={() => theme.set(nextTheme[shownTheme])}
            />
            <AccountButton />
            <Button look="quiet" icon="keyboard" aria-label="Shortcuts" onClick={() => setHelpOpen(true)} />
          </div>
        </div>
      </header>
      {at !== undefined && <Past at={at} onBack={() => setAt(undefined)} />}
      <main id="main" className={css.main} tabIndex={-1}>
        <Outlet />
      </main>
      {isHelpOpen && <ShortcutList onClose={() => setHelpOpen(false)} />}
    </>
  );
}

function Past({ at, onBack }: { at: string; onBack: () => void }) {
  const shownZone = useStore(zone);
  return (
    <>
      <div className={css.frame} aria-hidden="true" />
      <div className={css.pastBar} role="status">
        <p>
          <span>
            You look at <strong>{timeOf(at, shownZone)}</strong> of {dayOf(at, shownZone)} ({offsetOf(at, shownZone)}).
            Nothing can be changed there.
          </span>
          <Button onClick={onBack}>
            Back to now <kbd>n</kbd>
          </Button>
        </p>
      </div>
    </>
  );
}

export const NotFound = () => (
  <>
    <h1>No such page</h1>
    <p>
      There are <Link to="/">Now</Link>, <Link to="/orders">Orders</Link> and <Link to="/letters">Letters</Link>; the
      search box above finds an order by what you know of it.
    </p>
  </>
);
