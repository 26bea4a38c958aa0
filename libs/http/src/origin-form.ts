const ORIGIN = /^https?:\/\/[^/?#]*/i;

/** Path and query of a request target, which may be a whole URL, as clients of a proxy send it (RFC 9112, section 3.2.2). */
export function originForm(target: string): string {
  if (target.startsWith('/') || !ORIGIN.test(target)) return target;
  const rest = target.replace(ORIGIN, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}
