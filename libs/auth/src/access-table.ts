import type { Access, Routes } from './access.js';

// The least roles: an admin is an operator too, and an operator a monitor.
const customers: Access = ['customer', 'operator'];
const operators: Access = ['operator'];
const admins: Access = ['admin'];
const monitors: Access = ['monitor'];

const ofEveryProgram: Routes = {
  'GET /health/live': 'anyone',
  'GET /health/ready': 'anyone',
  'GET /metrics': monitors,
  // The API is no secret: its code is public.
  'GET /docs': 'anyone',
  'GET /docs/*': 'anyone',
  'GET /docs-json': 'anyone',
  'GET /docs-yaml': 'anyone',
};

const ofEveryService: Routes = {
  ...ofEveryProgram,
  'GET /outbox': operators,
  'GET /dead-letters': operators,
  'GET /dead-letters/actions': operators,
  'GET /dead-letters/:id': operators,
  'POST /dead-letters/retry': operators,
  'POST /dead-letters/:id/retry': operators,
  'POST /dead-letters/discard': admins,
  'POST /dead-letters/:id/discard': admins,
  'GET /dead-letters/calls': operators,
  'GET /dead-letters/calls/actions': operators,
  'GET /dead-letters/calls/:key': operators,
  'POST /dead-letters/calls/:key/retry': operators,
  'POST /dead-letters/calls/:key/settle': admins,
  'GET /dead-letters/expired': operators,
  'POST /dead-letters/expired/:id/acknowledge': admins,
};

/** The address of every page of the console, which answers each with the same file. */
export const consolePages = [
  '/',
  '/orders',
  '/orders/:orderId',
  '/flow',
  '/catalog',
  '/catalog/:type',
  '/break',
  '/letters',
  '/proof',
] as const;

/**
 * Every route of every program, and who may call it. A program with a route that is missing here does not start, and a request is
 * refused unless it is allowed here.
 */
export const accessTable: Readonly<Record<string, Routes>> = {
  orders: {
    ...ofEveryService,
    'POST /orders': customers,
    'GET /orders': customers,
    'GET /orders/:orderId': customers,
    'GET /orders/:orderId/events': customers,
    'GET /orders/:orderId/stream': customers,
    'POST /orders/:orderId/cancel': customers,
  },
  inventory: {
    ...ofEveryService,
    'GET /products': customers,
    'GET /products/:sku': customers,
    'PUT /products/:sku': operators,
    'POST /products/:sku/deliveries': operators,
  },
  payments: { ...ofEveryService, 'GET /payments/:orderId': operators },
  notifications: { ...ofEveryService, 'GET /notifications': operators },
  sandbox: {
    ...ofEveryProgram,
    // The provider of payments is another company's: it knows no callers of ours.
    'POST /charges': 'anyone',
    'POST /refunds': 'anyone',
    'GET /charges': operators,
    'GET /mails': operators,
    'GET /faults': operators,
    'PUT /faults': admins,
  },
  console: {
    ...ofEveryProgram,
    // A session is begun with a token in the body.
    'POST /api/session': 'anyone',
    'DELETE /api/session': 'anyone',
    'GET /api/me': operators,
    'GET /api/orders': operators,
    'GET /api/orders/counts': operators,
    'GET /api/orders/troubles': operators,
    'GET /api/orders/:orderId': operators,
    'GET /api/orders/:orderId/story': operators,
    'GET /api/orders/:orderId/diff': operators,
    'POST /api/orders': operators,
    'POST /api/orders/:orderId/cancel': operators,
    'POST /api/examples/:name': operators,
    'GET /api/day': operators,
    'POST /api/day': operators,
    'POST /api/day/stop': operators,
    'GET /api/events/:id': operators,
    'GET /api/search': operators,
    'GET /api/stream': operators,
    'GET /api/flow': operators,
    'GET /api/catalog': operators,
    'GET /api/breaks': operators,
    'POST /api/breaks/:name': admins,
    'POST /api/breaks/:name/end': admins,
    'GET /api/proof': operators,
    'GET /api/audits': operators,
    'GET /api/audits/:at': operators,
    'POST /api/audits': operators,
    'GET /api/letters': operators,
    'GET /api/letters/actions': operators,
    'GET /api/letters/:service/:kind/:id': operators,
    'POST /api/letters/dry-run': operators,
    // The services look at the role of each action: the console sends it on with the token of the caller.
    'POST /api/letters/actions': operators,
    // The pages hold no data.
    'GET /index.html*': 'anyone',
    'GET /icon.svg*': 'anyone',
    'GET /licenses.md*': 'anyone',
    'GET /assets/*': 'anyone',
    ...Object.fromEntries(consolePages.map((page) => [`GET ${page}`, 'anyone' as const])),
  },
};
