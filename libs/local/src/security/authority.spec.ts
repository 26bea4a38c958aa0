import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, connect } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Authority } from './authority.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'orderflow-authority-'));
});
afterAll(() => rmSync(root, { recursive: true }));
const newFolder = () => mkdtempSync(join(root, 'authority-'));

/** The outcome of a handshake on 127.0.0.1 with a server that shows a certificate of `signer`. */
async function handshake(signer: Authority, trusted: Authority, hosts = ['127.0.0.1']): Promise<string> {
  const { certificate: cert, privateKey: key } = await signer.certify('part', hosts);
  const server = createServer({ cert, key }).listen(0, '127.0.0.1');
  // The client reports the outcome.
  server.on('tlsClientError', () => undefined);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ host: '127.0.0.1', port, ca: trusted.certificate });
  const outcome = await once(client, 'secureConnect').then(
    () => 'trusted',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  client.destroy();
  server.close();
  return outcome;
}

describe('an authority', () => {
  it('is the same at the second start, and its key is for its owner alone', async () => {
    const dir = newFolder();
    const first = await Authority.in(dir);
    const second = await Authority.in(dir);
    expect(second.certificate).toBe(first.certificate);
    expect(await handshake(second, first)).toBe('trusted');
    expect(statSync(join(dir, 'authority.key')).mode & 0o077).toBe(0);
    expect(readFileSync(first.file, 'utf8')).not.toContain('PRIVATE');
  });

  it('signs for the names and addresses that are given, and for no others', async () => {
    const authority = await Authority.in(newFolder());
    const { certificate } = await authority.certify('kafka', ['localhost', '127.0.0.1']);
    const read = new X509Certificate(certificate);
    expect(read.subject).toBe('CN=kafka');
    expect(read.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
    expect(read.ca).toBe(false);
    expect(await handshake(authority, authority, ['elsewhere.example'])).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('is not trusted by those who trust another one', async () => {
    const [one, other] = [await Authority.in(newFolder()), await Authority.in(newFolder())];
    expect(await handshake(one, other)).toMatch(/UNABLE_TO_|SELF_SIGNED|CERT_/);
  });
});
