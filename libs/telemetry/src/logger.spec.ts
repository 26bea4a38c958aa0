import { describe, expect, it } from '@jest/globals';
import { type LoggerOptions, pino } from 'pino';
import { logLevel, pinoOptions } from './logger.js';
import { maskSecrets } from './mask.js';

function written(...args: [object, string] | [string]): { raw: string; line: Record<string, unknown> } {
  let raw = '';
  const write = (text: string) => (raw += text);
  pino(pinoOptions('orders', 'info', 'info') as LoggerOptions, { write } as never).info(...(args as [string]));
  expect(raw.match(/\n/g)).toHaveLength(1);
  return { raw, line: JSON.parse(raw) as Record<string, unknown> };
}
const logged = (...args: [object, string] | [string]) => written(...args).line;

describe('a log line', () => {
  it('is one line of JSON with service, level and time', () => {
    expect(logged({ orderId: 'o-1' }, 'first\nsecond\u0007')).toMatchObject({
      service: 'orders',
      level: 'info',
      orderId: 'o-1',
      msg: 'first\nsecond\u0007',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  // proves: logs: no control character reaches a terminal
  it('escapes every control sequence of a terminal', () => {
    const evil = 'a\r\nb\u001b[2Jc\u007fd\u009b2Je\u2028f';
    const { raw, line } = written({ orderId: evil }, evil);
    expect(raw.trimEnd()).toMatch(/^[\u0020-\u007e]*$/);
    expect(line).toMatchObject({ orderId: evil, msg: evil });
  });

  it('masks e-mail addresses in fields and in the message', () => {
    const line = logged({ order: { email: 'jane.doe+x@example.co.uk' } }, 'mail to <bob@example.com> refused');
    expect(line).toMatchObject({
      order: { email: 'j***@example.co.uk' },
      msg: 'mail to <b***@example.com> refused',
    });
  });

  // proves: logs: secrets are masked
  it('masks passwords in URLs and the values of secret keys', () => {
    const line = logged(
      { body: { paymentToken: 'tok_visa', Authorization: 'Bearer "x"' } },
      'postgres://me:pw@db:5432/x',
    );
    expect(line).toMatchObject({
      body: { paymentToken: '***', Authorization: '***' },
      msg: 'postgres://me:***@db:5432/x',
    });
  });

  it('masks a token anywhere, since a reader of the log could use it', () => {
    const token = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWl0';
    const line = logged({ path: `/orders/${token}` }, `GET /orders/${token} 404, Bearer ${token}`);
    expect(line).toMatchObject({ path: '/orders/***', msg: 'GET /orders/*** 404, Bearer ***' });
  });

  it('is masked in linear time', () => {
    // CPU time: a clock counts the work of other processes too.
    const cpuOf = (length: number): number => {
      const line = `{"msg":"${'a'.repeat(length)}@${'.a'.repeat(length / 2)}"}`;
      const rounds = 1_000_000 / length;
      const began = process.cpuUsage();
      for (let round = 0; round < rounds; round++) maskSecrets(line);
      const { user, system } = process.cpuUsage(began);
      return (user + system) / rounds;
    };
    expect(cpuOf(50_000) / cpuOf(5_000)).toBeLessThan(40);
  });
});

describe('LOG_LEVEL', () => {
  it.each([
    [{}, 'info'],
    [{ LOG_LEVEL: 'DEBUG' }, 'debug'],
    [{ LOG_LEVEL: 'loud' }, 'info'],
  ])('%j means %s', (env: Record<string, string>, level) => {
    expect(logLevel(env)).toBe(level);
  });
});
