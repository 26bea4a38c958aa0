import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  retainSearchParams,
} from '@tanstack/react-router';
import { storyQuery } from './api/queries.js';
import { queries } from './api/query-client.js';
import { NowPage } from './pages/now/NowPage.js';
import {
  breakSearch,
  catalogEventSearch,
  commonSearch,
  flowSearch,
  lettersSearch,
  orderParams,
  orderSearch,
  ordersSearch,
  parseSearch,
  proofSearch,
  stringifySearch,
} from './search-params.js';
import { NotFound, Shell } from './shell/Shell.js';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  validateSearch: commonSearch,
  // One clock for the whole console: a link to another page keeps the instant.
  search: { middlewares: [retainSearchParams(['at'])] },
});

const now = createRoute({ getParentRoute: () => root, path: '/', component: NowPage });

const orders = createRoute({
  getParentRoute: () => root,
  path: '/orders',
  validateSearch: ordersSearch,
  component: lazyRouteComponent(async () => import('./pages/orders/OrdersPage.js'), 'OrdersPage'),
});

const order = createRoute({
  getParentRoute: () => root,
  path: '/orders/$orderId',
  params: { parse: orderParams },
  validateSearch: orderSearch,
  // Asked for while the script of the page comes, not after it.
  beforeLoad: ({ params: { orderId }, cause }) => {
    if (cause === 'enter') void queries.prefetchQuery(storyQuery(orderId));
  },
  component: lazyRouteComponent(async () => import('./pages/order/OrderPage.js'), 'OrderPage'),
});

const flow = createRoute({
  getParentRoute: () => root,
  path: '/flow',
  validateSearch: flowSearch,
  component: lazyRouteComponent(async () => import('./pages/flow/FlowPage.js'), 'FlowPage'),
});

const catalog = createRoute({
  getParentRoute: () => root,
  path: '/catalog',
  component: lazyRouteComponent(async () => import('./pages/catalog/CatalogPage.js'), 'CatalogPage'),
});

const catalogEvent = createRoute({
  getParentRoute: () => root,
  path: '/catalog/$type',
  validateSearch: catalogEventSearch,
  component: lazyRouteComponent(async () => import('./pages/catalog/CatalogEventPage.js'), 'CatalogEventPage'),
});

const breaks = createRoute({
  getParentRoute: () => root,
  path: '/break',
  validateSearch: breakSearch,
  component: lazyRouteComponent(async () => import('./pages/break/BreakPage.js'), 'BreakPage'),
});

const letters = createRoute({
  getParentRoute: () => root,
  path: '/letters',
  validateSearch: lettersSearch,
  component: lazyRouteComponent(async () => import('./pages/letters/LettersPage.js'), 'LettersPage'),
});

const proof = createRoute({
  getParentRoute: () => root,
  path: '/proof',
  validateSearch: proofSearch,
  component: lazyRouteComponent(async () => import('./pages/proof/ProofPage.js'), 'ProofPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([now, orders, order, flow, catalog, catalogEvent, breaks, letters, proof]),
  parseSearch,
  stringifySearch,
  // The script of a page comes while the pointer is on its link.
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
