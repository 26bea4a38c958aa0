import type { ProgramName } from '@orderflow/client';
import type { CallerName } from './callers.js';

type Statuses = Readonly<Record<CallerName, number>>;

/** What stands for the parameters of paths and bodies. */
export interface Known {
  /** A settled order of the first customer. */
  readonly orderId: string;
  readonly customer: string;
  readonly sku: string;
}

/** One route: the request that is sent to it, and the status that each caller gets. */
export interface Row {
  readonly statuses: Statuses;
  /** Sent as JSON. */
  readonly json?: (known: Known) => object;
  readonly query?: string;
  /** Instead of what stands for the parameters elsewhere. */
  readonly path?: string;
}

/** `METHOD /path` as in the access table -> row. */
export type Rows = Readonly<Record<string, Row>>;

const UNAUTHENTICATED = { nobody: 401, 'bad signature': 401, expired: 401 };

const anyone = (status = 200): Statuses => ({
  nobody: status,
  'bad signature': status,
  expired: status,
  customer: status,
  'other customer': status,
  monitor: status,
  operator: status,
  admin: status,
});

const monitors: Statuses = { ...anyone(), ...UNAUTHENTICATED, customer: 403, 'other customer': 403 };
const operators = (status = 200): Statuses => ({ ...monitors, monitor: 403, operator: status, admin: status });
const admins = (status = 200): Statuses => ({ ...operators(status), operator: 403 });
/** @param other for the customer whose order it is not */
const customers = (status = 200, other = status): Statuses => ({
  ...operators(status),
  customer: status,
  'other customer': other,
});

const row = (statuses: Statuses, rest: Omit<Row, 'statuses'> = {}): Row => ({ statuses, ...rest });

const ofEveryProgram: Rows = {
  'GET /health/live': row(anyone()),
  'GET /health/ready': row(anyone()),
  'GET /metrics': row(monitors),
  'GET /docs': row(anyone()),
  'GET /docs/*': row(anyone(), { path: '/docs/swagger-ui.css' }),
  'GET /docs-json': row(anyone()),
  'GET /docs-yaml': row(anyone()),
};

const reason = 'a test of the access table';
const noOrder = '00000000-0000-7000-8000-000000000000';

// No event and no call is parked in this system: 404 says that a request reached its handler.
const ofEveryService: Rows = {
  ...ofEveryProgram,
  'GET /outbox': row(operators()),
  'GET /dead-letters': row(operators()),
  'GET /dead-letters/actions': row(operators()),
  'GET /dead-letters/:id': row(operators(404)),
  'POST /dead-letters/retry': row(operators(202), { json: () => ({ filter: { orderId: noOrder } }) }),
  'POST /dead-letters/:id/retry': row(operators(404), { json: () => ({}) }),
  'POST /dead-letters/discard': row(admins(), { json: () => ({ reason, filter: { orderId: noOrder } }) }),
  'POST /dead-letters/:id/discard': row(admins(404), { json: () => ({ reason }) }),
  'GET /dead-letters/calls': row(operators()),
  'GET /dead-letters/calls/actions': row(operators()),
  'GET /dead-letters/calls/:key': row(operators(404)),
  'POST /dead-letters/calls/:key/retry': row(operators(404)),
  'POST /dead-letters/calls/:key/settle': row(admins(404), { json: () => ({ as: 'void', reason }) }),
  'GET /dead-letters/expired': row(operators()),
  'POST /dead-letters/expired/:id/acknowledge': row(admins(404), { json: () => ({ reason }) }),
};

const product = { name: 'The product of the access table', priceMinor: 1_500, currency: 'EUR' };

const pages = [
  '/',
  '/orders',
  '/orders/:orderId',
  '/flow',
  '/catalog',
  '/catalog/:type',
  '/break',
  '/letters',
  '/proof',
];

/** Every route of every program. */
export const accessRows: Readonly<Record<ProgramName, Rows>> = {
  orders: {
    ...ofEveryService,
    // The order is for the first customer, whom operators may name and the other customer may not.
    'POST /orders': row(customers(202, 422), {
      json: ({ sku, customer }) => ({
        customerId: customer,
        email: `${customer}@example.com`,
        lines: [{ sku, quantity: 1 }],
        paymentToken: 'tok_visa',
      }),
    }),
    'GET /orders': row(customers()),
    'GET /orders/:orderId': row(customers(200, 404)),
    'GET /orders/:orderId/events': row(customers(200, 404)),
    'GET /orders/:orderId/stream': row(customers(200, 404)),
    'POST /orders/:orderId/cancel': row(customers(409, 404)),
  },
  inventory: {
    ...ofEveryService,
    'GET /products': row(customers()),
    'GET /products/:sku': row(customers()),
    'PUT /products/:sku': row(operators(), { json: () => product }),
    'POST /products/:sku/deliveries': row(operators(), { json: () => ({ deliveryId: 'access', quantity: 1 }) }),
  },
  payments: { ...ofEveryService, 'GET /payments/:orderId': row(operators()) },
  notifications: { ...ofEveryService, 'GET /notifications': row(operators()) },
  sandbox: {
    ...ofEveryProgram,
    // 400: the request of a stranger reaches the handler, and charges nothing.
    'POST /charges': row(anyone(400), { json: () => ({}) }),
    'POST /refunds': row(anyone(400), { json: () => ({}) }),
    'GET /charges': row(operators()),
    'GET /mails': row(operators()),
    'GET /faults': row(operators()),
    'PUT /faults': row(admins(), { json: () => ({ payments: {}, mail: {} }) }),
  },
  console: {
    ...ofEveryProgram,
    'GET /api/me': row(operators()),
    // The token is in the body: a body without one reaches the handler.
    'POST /api/session': row(anyone(400), { json: () => ({}) }),
    'DELETE /api/session': row(anyone(204)),
    'GET /api/orders': row(operators()),
    'GET /api/orders/counts': row(operators()),
    'GET /api/orders/troubles': row(operators()),
    'GET /api/orders/:orderId': row(operators(404), { path: `/api/orders/${noOrder}` }),
    'GET /api/orders/:orderId/story': row(operators(404), { path: `/api/orders/${noOrder}/story` }),
    'GET /api/orders/:orderId/diff': row(operators(400)),
    'POST /api/orders': row(operators(400), { json: () => ({}) }),
    // By orders: it is over.
    'POST /api/orders/:orderId/cancel': row(operators(409)),
    'POST /api/examples/:name': row(operators(400)),
    'GET /api/day': row(operators()),
    'POST /api/day': row(operators(400), { json: () => ({ ordersPerMinute: 0 }) }),
    'POST /api/day/stop': row(operators()),
    'GET /api/events/:id': row(operators(404), { path: `/api/events/${noOrder}` }),
    'GET /api/search': row(operators(), { path: '/api/search?q=nothing' }),
    'GET /api/stream': row(operators(), { path: '/api/stream?channels=orders' }),
    'GET /api/flow': row(operators()),
    'GET /api/catalog': row(operators()),
    'GET /api/breaks': row(operators()),
    'POST /api/breaks/:name': row(admins(400), { json: () => ({ forSeconds: 1 }) }),
    'POST /api/breaks/:name/end': row(admins(), { path: '/api/breaks/mail-away/end' }),
    'GET /api/letters': row(operators()),
    'GET /api/letters/actions': row(operators()),
    'GET /api/letters/:service/:kind/:id': row(operators(404), { path: '/api/letters/orders/event/999999999' }),
    'POST /api/letters/dry-run': row(operators(400), { json: () => ({}) }),
    'POST /api/letters/actions': row(operators(400), { json: () => ({}) }),
    'GET /api/proof': row(operators()),
    'GET /api/audits': row(operators()),
    'POST /api/audits': row(operators(400), { json: () => ({}) }),
    'GET /api/audits/:at': row(operators(404), { path: '/api/audits/2026-01-01T00%3A00%3A00Z' }),
    'GET /assets/*': row(anyone(404), { path: '/assets/nothing.js' }),
    'GET /index.html*': row(anyone(), { path: '/index.html' }),
    'GET /icon.svg*': row(anyone(), { path: '/icon.svg' }),
    'GET /licenses.md*': row(anyone(), { path: '/licenses.md' }),
    ...Object.fromEntries(pages.map((path) => [`GET ${path}`, row(anyone())])),
  },
};
