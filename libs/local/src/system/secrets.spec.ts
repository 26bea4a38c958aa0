import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { privateKeysSetting } from '@orderflow/encryption';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { keptSecrets, newSecrets, secretsOf, writeServiceSecrets } from './secrets.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'orderflow-secrets-'));
});
afterEach(async () => {
  delete process.env['PAYMENT_TOKEN_PUBLIC_KEY'];
  delete process.env['IDEMPOTENCY_SECRET'];
  await rm(dir, { recursive: true });
});

describe('the secrets of a system', () => {
  it('are made once, and kept in a file for their owner alone', async () => {
    const first = await keptSecrets(join(dir, 'data'));
    expect(await keptSecrets(join(dir, 'data'))).toEqual(first);
    const file = join(dir, 'data', 'secrets.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain(first.IDEMPOTENCY_SECRET);
  });

  it('are taken from the environment where it has them', async () => {
    process.env['IDEMPOTENCY_SECRET'] = 'x'.repeat(32);
    expect(await keptSecrets(dir)).toMatchObject({ IDEMPOTENCY_SECRET: 'x'.repeat(32) });
  });

  it('are refused when one key of the pair is set without the other', async () => {
    process.env['PAYMENT_TOKEN_PUBLIC_KEY'] = '{}';
    await expect(keptSecrets(dir)).rejects.toThrow('belong together');
  });

  it('reach one service each: payments alone has the private keys', async () => {
    const secrets = await newSecrets();
    const holders = (['orders', 'inventory', 'payments', 'notifications', 'sandbox'] as const).map((service) => [
      service,
      Object.entries(secretsOf(service, secrets)).flatMap(([name, value]) => (value === undefined ? [] : [name])),
    ]);
    expect(Object.fromEntries(holders)).toEqual({
      orders: ['PAYMENT_TOKEN_PUBLIC_KEY', 'IDEMPOTENCY_SECRET'],
      payments: ['PAYMENT_TOKEN_PRIVATE_KEYS'],
      inventory: [],
      notifications: [],
      sandbox: [],
    });
  });

  it('are written to a file per service, the same ones at every start', async () => {
    const read = async () =>
      Promise.all(
        ['orders', 'payments'].map(async (name) => parseEnv(await readFile(join(dir, name, 'service.env'), 'utf8'))),
      );
    await writeServiceSecrets(dir);
    const [orders, payments] = await read();
    const kept = await keptSecrets(dir);
    expect({ ...orders, ...payments }).toEqual(kept);
    expect(Object.keys(payments!)).toEqual(['PAYMENT_TOKEN_PRIVATE_KEYS']);
    await writeServiceSecrets(dir);
    expect(await read()).toEqual([orders, payments]);
  });

  it('keep the earlier private keys when the key is rotated, the new one first', async () => {
    const first = await newSecrets();
    const rotated = await newSecrets(first.PAYMENT_TOKEN_PRIVATE_KEYS);
    const [newest, ...earlier] = privateKeysSetting.parse(rotated.PAYMENT_TOKEN_PRIVATE_KEYS);
    expect(earlier).toEqual(privateKeysSetting.parse(first.PAYMENT_TOKEN_PRIVATE_KEYS));
    expect(JSON.parse(rotated.PAYMENT_TOKEN_PUBLIC_KEY)).toMatchObject({ kid: newest!.kid });
    await expect(newSecrets('nonsense')).rejects.toThrow('PAYMENT_TOKEN_PRIVATE_KEYS is not a JWK set');
  });
});
