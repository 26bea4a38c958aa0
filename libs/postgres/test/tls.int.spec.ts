import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import {
  freePort,
  type Postgres,
  removeInfrastructure,
  runGuarded,
  startPostgres,
  temporaryFolder,
} from '@orderflow/local';
import { openClient, whyNot } from '../src/index.js';

const NOBODY = 65_534;
const dir = temporaryFolder('tls');
const [certificate, key] = [join(dir, 'server.crt'), join(dir, 'server.key')];
let server: Postgres;

beforeAll(async () => {
  const self = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  const files = ['-keyout', key, '-out', certificate, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await runGuarded('openssl', ['req', ...self, ...files], { cwd: dir });
  chmodSync(key, 0o600);
  if (process.getuid?.() === 0) chownSync(key, NOBODY, NOBODY);
  server = await startPostgres({
    dataDir: join(dir, 'postgres'),
    port: await freePort(),
    log: join(dir, 'postgres.log'),
    settings: { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key },
  });
}, 120_000);
afterAll(async () => {
  await server.stop();
  await removeInfrastructure(dir);
});

const urlWith = (parameters: string) => `${server.url}/postgres?${parameters}`;

async function isEncrypted(url: string): Promise<unknown> {
  const client = await openClient({ url, name: 'test', connectTimeoutMs: 10_000 });
  const { rows } = await client.query<{ ssl: boolean }>('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
  await client.end();
  return rows[0]!.ssl;
}

describe('a server with a certificate that no known authority has signed', () => {
  it.each([
    ['the certificate is given', () => `sslmode=verify-full&sslrootcert=${certificate}`, true],
    ['it is not checked', () => 'uselibpqcompat=true&sslmode=require', true],
    ['no TLS is wanted', () => 'sslmode=disable', false],
    ['nothing is said', () => 'application_name=x', false],
  ])('is used where %s', async (_words, parameters, encrypted) => {
    expect(await isEncrypted(urlWith(parameters()))).toBe(encrypted);
  });

  it('is used as the URL says, whatever PGSSLMODE says', async () => {
    process.env['PGSSLMODE'] = 'require';
    expect(await isEncrypted(urlWith('sslmode=disable'))).toBe(false);
    process.env['PGSSLMODE'] = 'require';
    expect(await isEncrypted(`${server.url}/postgres`)).toBe(false);
    expect(process.env['PGSSLMODE']).toBeUndefined();
  });

  it.each(['sslmode=require', 'sslmode=verify-full'])(
    'is refused at once with %s, and the line names sslmode',
    async (it) => {
      const error = await isEncrypted(urlWith(it)).catch((thrown: unknown) => thrown);
      const { line, isAway } = whyNot(error, urlWith(it));
      expect(line).toMatch(/self-signed certificate.*sslmode=verify-full&sslrootcert=<file>/);
      expect(isAway).toBe(false);
    },
  );

  it('is refused where the file of the certificate is missing, with its name', async () => {
    const url = urlWith('sslmode=verify-full&sslrootcert=/nowhere/ca.pem');
    const error = await isEncrypted(url).catch((thrown: unknown) => thrown);
    expect(whyNot(error, url)).toMatchObject({ isAway: false, line: expect.stringContaining('/nowhere/ca.pem') });
  });
});
