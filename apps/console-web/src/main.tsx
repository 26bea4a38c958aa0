import './styles/tokens.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queries } from './api/query-client.js';
import { startLive } from './live/live.js';
import { router } from './router.js';
import { session } from './session/session.js';
import { signInByLink } from './session/sign-in.js';
import { startShortcuts } from './shell/keys.js';
import { applyTheme } from './shell/settings.js';

applyTheme();
startShortcuts();
// What one reader was shown is not for the next one.
session.subscribe(() => (session.get().state === 'in' ? void queries.resetQueries() : queries.clear()));
const wipeFragment = (): void => {
  const { pathname, search } = router.history.location;
  router.history.replace(pathname + search);
};
const byLink = (): void => void signInByLink(wipeFragment);
window.addEventListener('hashchange', byLink);
byLink();
startLive(queries);

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
