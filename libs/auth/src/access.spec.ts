import { describe, expect, it } from '@jest/globals';
import { type Access, accessOf, mayCall } from './access.js';
import { accessTable } from './access-table.js';
import { type Caller, limitedTo, type Role } from './caller.js';

const caller = (...roles: Role[]): Caller => ({
  subject: 'ada',
  roles,
  expiresAt: new Date(0),
  token: 't',
  ...(roles.includes('customer') && { customerId: 'ada' }),
});

describe('the access of a route', () => {
  const routes = {
    'GET /orders/:orderId': ['customer'],
    'GET /docs/*': 'anyone',
    'GET /docs/keys': ['admin'],
  } as const;

  it.each<[string, string, Access | undefined]>([
    ['GET', '/orders/:orderId', ['customer']],
    ['HEAD', '/orders/:orderId', ['customer']],
    ['POST', '/orders/:orderId', undefined],
    ['GET', '/orders', undefined],
    ['GET', '/docs/index.html', 'anyone'],
    ['POST', '/docs/index.html', undefined],
    ['GET', '/docs/keys', ['admin']],
    ['GET', '/toString', undefined],
  ])('%s %s is that of its own entry: %j', (method, path, access) => {
    expect(accessOf(routes, method, path)).toEqual(access);
  });
});

describe('a caller', () => {
  it('may call a route with one of the roles that it names', () => {
    expect(mayCall(caller('operator'), ['customer', 'operator'])).toBe(true);
    expect(mayCall(caller('monitor'), ['customer', 'operator'])).toBe(false);
    expect(mayCall(caller(), [])).toBe(false);
    expect(mayCall(caller(), 'anyone')).toBe(true);
  });

  // proves: auth: a customer who is no operator is limited to own orders
  it('is limited to own orders as a customer, and not as an operator or where no callers are known', () => {
    expect(limitedTo(caller('customer'))).toBe('ada');
    expect(limitedTo(caller('customer', 'operator'))).toBeUndefined();
    expect(limitedTo(caller('operator'))).toBeUndefined();
    expect(limitedTo(undefined)).toBeUndefined();
  });
});

describe('the access table', () => {
  const entries = Object.entries(accessTable).flatMap(([program, routes]) =>
    Object.entries(routes).map(([route, access]) => [`${program} ${route}`, access] as const),
  );
  const openTo = (role: Role) => entries.filter(([, access]) => mayCall(caller(role), access)).map(([name]) => name);

  it('lets anyone change nothing but what the provider of payments records, and the session of a browser', () => {
    const open = entries.filter(([, access]) => access === 'anyone').map(([name]) => name);
    expect(open.filter((name) => !name.includes(' GET '))).toEqual([
      'sandbox POST /charges',
      'sandbox POST /refunds',
      'console POST /api/session',
      'console DELETE /api/session',
    ]);
  });

  it('lets a customer call nothing but orders and products', () => {
    const guarded = openTo('customer').filter(
      (name) => accessTable[name.split(' ')[0]!]![name.split(' ').slice(1).join(' ')] !== 'anyone',
    );
    expect(guarded.toSorted()).toEqual([
      'inventory GET /products',
      'inventory GET /products/:sku',
      'orders GET /orders',
      'orders GET /orders/:orderId',
      'orders GET /orders/:orderId/events',
      'orders GET /orders/:orderId/stream',
      'orders POST /orders',
      'orders POST /orders/:orderId/cancel',
    ]);
  });
});
