import type { Caller, Role } from './caller.js';

/** `anyone`, or the roles of which a caller needs one. */
export type Access = 'anyone' | readonly Role[];

/** `METHOD /path` -> access, with paths as Fastify writes them (`/orders/:orderId`); a `*` at the end stands for any rest. */
export type Routes = Readonly<Record<string, Access>>;

/**
 * The access of a route; undefined where the table has none, which must be taken for a refusal.
 * HEAD is a GET without its body, so that it has the access of that.
 */
export function accessOf(routes: Routes, method: string, path: string): Access | undefined {
  const route = `${method === 'HEAD' ? 'GET' : method} ${path}`;
  if (Object.hasOwn(routes, route)) return routes[route];
  const prefix = Object.keys(routes).find((entry) => entry.endsWith('*') && route.startsWith(entry.slice(0, -1)));
  return prefix === undefined ? undefined : routes[prefix];
}

/** Whether a caller has one of the roles. */
export const mayCall = ({ roles }: Caller, access: Access): boolean =>
  access === 'anyone' || access.some((role) => roles.includes(role));
