import { describe, expect, it } from '@jest/globals';
import { whyNot } from './why-not.js';

const URL = 'postgres://shop:s3cret@db:5432/orders';
const failure = (message: string, over: object = {}) => Object.assign(new Error(message), over);

describe('a database that cannot be used', () => {
  it.each([
    [failure('connect ECONNREFUSED', { code: 'ECONNREFUSED' })],
    [failure('timeout expired')],
    [failure('the database system is starting up', { code: '57P03' })],
    [failure('server login has been failing', { code: '08P01' })],
  ])('may come back by itself: %s', (error) => {
    expect(whyNot(error, URL)).toEqual({
      line: `DATABASE_URL: db:5432/orders cannot be used (${error.message}); start PostgreSQL there or set DATABASE_URL`,
      isAway: true,
    });
  });

  it.each([
    [failure('sorry, too many clients already', { code: '53300' })],
    [failure('could not extend file: No space left on device', { code: '53100' })],
    [failure('canceling statement due to statement timeout', { code: '57014' })],
    [failure('cannot execute INSERT in a read-only transaction', { code: '25006' })],
  ])('may be able to answer again by itself: %s', (error) => {
    expect(whyNot(error, URL)).toEqual({
      line: `DATABASE_URL: db:5432/orders cannot be used (${error.message}); see to PostgreSQL there`,
      isAway: true,
    });
  });

  it.each([
    ['sslmode', failure('self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })],
    ['sslmode', failure('certificate has expired', { code: 'CERT_HAS_EXPIRED' })],
    ['sslmode', failure("Hostname/IP does not match certificate's altnames", { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })],
    ['sslmode', failure('The server does not support SSL connections')],
    ['sslmode', failure('no pg_hba.conf entry for host "10.0.0.1", no encryption', { code: '28000' })],
    ['sslrootcert', failure('no such file: ca.pem', { code: 'ENOENT', path: 'ca.pem' })],
    ['role "shop"', failure('password authentication failed for user "shop"', { code: '28P01' })],
    ['"npx orderflow migrate"', failure('database "orders" does not exist', { code: '3D000' })],
    ['role "shop" the missing right on the database "orders"', failure('permission denied', { code: '42501' })],
    ['PostgreSQL 15', failure('unrecognized configuration parameter "idle_session_timeout"', { code: '42704' })],
  ])('needs an operator, and the line names %s: %s', (words, error) => {
    const { line, isAway } = whyNot(error, URL);
    expect(line).toContain(words);
    expect(line).toContain(error.message);
    expect(line).not.toContain('s3cret');
    expect([line.split('\n').length, isAway]).toEqual([1, false]);
  });

  it('has the reason of the first address, where a host name has several', () => {
    const error = new AggregateError([failure('connect ECONNREFUSED ::1:5432', { code: 'ECONNREFUSED' })]);
    expect(whyNot(error, URL).line).toContain('connect ECONNREFUSED ::1:5432');
  });
});
