import { databaseOf, placeOf, roleOf } from './place.js';

/** Why a database cannot be used, for the operator. */
export interface WhyNot {
  /** One line: place, reason, remedy. */
  readonly line: string;
  /** It may come back without any change by the operator. */
  readonly isAway: boolean;
}

type Failure = Error & { code?: unknown; path?: unknown };

// Of Node.js and OpenSSL: https://nodejs.org/api/tls.html#x509-certificate-error-codes
const CERTIFICATE = /^(CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_|ERR_SSL_)/;
const NO_TLS_AT_SERVER = 'The server does not support SSL connections';
const NO_TLS_HERE = 'no encryption';

const TLS_FORMS =
  'sslmode=verify-full&sslrootcert=<file> checks the certificate, uselibpqcompat=true&sslmode=require encrypts without a check';

const code = ({ code: it }: Failure): string => (typeof it === 'string' ? it : '');
/** https://www.postgresql.org/docs/18/errcodes-appendix.html */
const sqlState = (error: Failure): string => (/^[0-9A-Z]{5}$/.test(code(error)) ? code(error) : '');

/** What the operator changes; undefined where the answer of the server says it all. */
function remedyFor(error: Failure, url: string): string | undefined {
  const [role, database] = [roleOf(url), databaseOf(url)];
  if (CERTIFICATE.test(code(error))) return `set sslmode in it: ${TLS_FORMS}`;
  if (error.message.includes(NO_TLS_AT_SERVER))
    return 'the server has no TLS: remove sslmode from it, or set ssl = on there';
  if (error.message.includes(NO_TLS_HERE)) return `the server wants TLS, set sslmode in it: ${TLS_FORMS}`;
  if (code(error) === 'ENOENT' && error.path !== undefined) return 'correct sslrootcert, sslcert or sslkey in it';
  switch (sqlState(error)) {
    case '28000':
    case '28P01':
      return `correct the role "${role}" or its password`;
    case '3D000':
      return `create the database "${database}": "npx orderflow migrate" does it where the role "${role}" has CREATEDB`;
    case '42501':
      return `grant the role "${role}" the missing right on the database "${database}": CONNECT, and CREATE on its schema`;
    case '42704':
      return 'PostgreSQL 15 or later is needed';
    default:
      return undefined;
  }
}

/** Whether a connection failed since the server has no such database; PgBouncer reports it as a failed login. */
export const isMissingDatabase = (error: unknown): boolean => {
  const failure = failureIn(error);
  return sqlState(failure) === '3D000' || /^(no such database|database ".*" does not exist)/.test(failure.message);
};

// The server cannot be reached, starts or stops.
const GONE = /^(|08...|57P0[123])$/;
// It has no connection, memory or disk left, a disk that fails, or other work in the way, or it takes no writes.
const UNABLE = /^(53...|58030|57014|55P03|40001|40P01|25006|25P0[34])$/;

/** @param error of a connection or a statement to the database at `url` */
export function whyNot(error: unknown, url: string): WhyNot {
  const failure = failureIn(error);
  const remedy = remedyFor(failure, url);
  const reason = failure.message || code(failure);
  const isUnable = UNABLE.test(sqlState(failure));
  const advice = remedy ?? (isUnable ? 'see to PostgreSQL there' : 'start PostgreSQL there or set DATABASE_URL');
  return {
    line: `DATABASE_URL: ${placeOf(url)} cannot be used (${reason}); ${advice}`,
    isAway: remedy === undefined && (isUnable || GONE.test(sqlState(failure))),
  };
}

/** Node.js puts the failures of a host's addresses into one error without a message. */
function failureIn(error: unknown): Failure {
  const { errors } = error as { errors?: unknown };
  return Array.isArray(errors) && errors.length > 0 ? failureIn(errors[0]) : (error as Failure);
}
