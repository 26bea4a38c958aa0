import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { StartError } from './errors.js';
import { parseConfig } from './parse-config.js';
import {
  addresses,
  brokers,
  databaseUrl,
  flag,
  integer,
  millis,
  oneOf,
  origins,
  port,
  seconds,
  secret,
  url,
} from './pieces.js';

const schema = z.object({
  PORT: port(3001),
  DATABASE_URL: databaseUrl,
  KAFKA_BROKERS: brokers,
  SCHEMA_REGISTRY_URL: url('http://127.0.0.1:8081'),
  ORDER_DEADLINE_SECONDS: seconds(60),
  OUTBOX_POLL_MS: millis(100),
  SCHEMA_AUTO_REGISTER: flag(false),
});

const good = { DATABASE_URL: 'postgres://me:secret@db:5432/orders', KAFKA_BROKERS: 'a:9092, b:9093' };

const linesOf = (env: Record<string, string>, of: z.ZodType = schema): string[] => {
  try {
    parseConfig(of, env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    return (error as Error).message.split('\n');
  }
};

describe('parseConfig', () => {
  it('applies defaults and converts text to values', () => {
    expect(parseConfig(schema, { ...good, SCHEMA_AUTO_REGISTER: 'TRUE', ORDER_DEADLINE_SECONDS: '0.5' })).toEqual({
      PORT: 3001,
      DATABASE_URL: good.DATABASE_URL,
      KAFKA_BROKERS: ['a:9092', 'b:9093'],
      SCHEMA_REGISTRY_URL: 'http://127.0.0.1:8081',
      ORDER_DEADLINE_SECONDS: 0.5,
      OUTBOX_POLL_MS: 100,
      SCHEMA_AUTO_REGISTER: true,
    });
  });

  it('treats an empty variable as not set', () => {
    expect(parseConfig(schema, { ...good, PORT: '' }).PORT).toBe(3001);
  });

  it('removes the trailing slash of a URL', () => {
    expect(parseConfig(schema, { ...good, SCHEMA_REGISTRY_URL: 'http://r:1/apis/' }).SCHEMA_REGISTRY_URL).toBe(
      'http://r:1/apis',
    );
  });

  it('reports all invalid variables at once, a line each, with the remedy', () => {
    const lines = linesOf({ PORT: 'http', KAFKA_BROKERS: 'nowhere', OUTBOX_POLL_MS: '-1' });
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe('PORT is not valid: must be a whole number from 0 to 65535; for example 3001');
    expect(lines[1]).toMatch(/^DATABASE_URL is not set: must be a URL .*; for example postgres:/);
    expect(lines[2]).toMatch(/^KAFKA_BROKERS is not valid: .*; for example 127\.0\.0\.1:9092$/);
    expect(lines[3]).toMatch(/^OUTBOX_POLL_MS is not valid: /);
  });

  it('never repeats a value, since it may be a secret', () => {
    expect(linesOf({ ...good, DATABASE_URL: 'mysql://me:hunter2@db' }).join()).not.toContain('hunter2');
  });

  it('accepts no short secret, and repeats none', () => {
    const of = z.object({ SECRET: secret });
    expect(parseConfig(of, { SECRET: '0123456789abcdef' })).toEqual({ SECRET: '0123456789abcdef' });
    expect(linesOf({ SECRET: '0123456789abcde' }, of)).toEqual([
      expect.stringMatching(/^SECRET is not valid: (?!.*0123456789)/),
    ]);
    expect(linesOf({}, of)).toEqual([expect.stringContaining('SECRET is not set')]);
  });

  it.each(['65536', '0x10', '1e3', '3.5', ' ', '-1'])('refuses %j as a port', (text) => {
    expect(linesOf({ ...good, PORT: text })).toHaveLength(1);
  });

  it('checks the bounds of an integer', () => {
    const of = z.object({ BATCH: integer(10, { min: 1, max: 20 }) });
    expect(parseConfig(of, { BATCH: '20' })).toEqual({ BATCH: 20 });
    expect(linesOf({ BATCH: '21' }, of)).toHaveLength(1);
  });

  it('accepts one of the words of a choice', () => {
    const of = z.object({ AMOUNTS: oneOf(['iso', 'other'], 'iso') });
    expect([parseConfig(of, {}), parseConfig(of, { AMOUNTS: 'other' })]).toEqual([
      { AMOUNTS: 'iso' },
      { AMOUNTS: 'other' },
    ]);
    expect(linesOf({ AMOUNTS: 'Iso' }, of)).toEqual([
      'AMOUNTS is not valid: must be one of iso, other; for example iso',
    ]);
  });

  it('accepts addresses, networks and the names of private ones, and nothing that only looks like them', () => {
    const of = z.object({ PROXIES: addresses });
    expect(parseConfig(of, {})).toEqual({ PROXIES: [] });
    const list = ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', 'uniquelocal'];
    expect(parseConfig(of, { PROXIES: list.join(', ') })).toEqual({ PROXIES: list });
    for (const wrong of ['proxy', '10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.1/8/8', '127.0.0.1,'])
      expect(linesOf({ PROXIES: wrong }, of)).toEqual([expect.stringMatching(/^PROXIES is not valid: /)]);
  });

  it('accepts exact origins, and neither any origin nor a part of a URL more or less', () => {
    const of = z.object({ ORIGINS: origins });
    expect(parseConfig(of, {})).toEqual({ ORIGINS: [] });
    const list = ['https://shop.example', 'http://127.0.0.1:8080'];
    expect(parseConfig(of, { ORIGINS: list.join(', ') })).toEqual({ ORIGINS: list });
    for (const wrong of ['*', 'null', 'shop.example', 'https://*.shop.example', 'https://shop.example/', 'file://'])
      expect(linesOf({ ORIGINS: wrong }, of)).toEqual([expect.stringMatching(/^ORIGINS is not valid: /)]);
    for (const wrong of ['https://Shop.example', 'https://shop.example:443', 'https://a@shop.example', `${list[0]},`])
      expect(linesOf({ ORIGINS: wrong }, of)).toHaveLength(1);
  });

  it('points to .env.example where a schema names no remedy', () => {
    expect(linesOf({}, z.object({ NAME: z.string() }))[0]).toMatch(/^NAME is not set: .*; see \.env\.example$/);
  });
});
