import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Part, removeInfrastructure, startDaemon, temporaryFolder } from '@orderflow/local';

const HAPROXY = '/usr/sbin/haproxy';
const withoutHaproxy = existsSync(HAPROXY) ? undefined : 'HAProxy is not installed (Debian package haproxy)';
const registry = new URL(process.env['SCHEMA_REGISTRY_URL'] ?? 'http://127.0.0.1:1/apis/ccompat/v7');
const subject = `probe-${randomUUID()}`;
const schema = JSON.stringify({ schema: '{"type":"string"}' });

let reader: Part | undefined;
let port: number;
const dir = temporaryFolder('registry-reader');

/** The status of an answer, by the proxy or by the registry itself. */
async function statusOf(at: string, method: string, path: string, body?: string): Promise<number> {
  const answer = await fetch(`http://${at}${path}`, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    ...(body !== undefined && { body }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

const api = registry.pathname;
const read = async (method: string, path: string, body?: string) => statusOf(`127.0.0.1:${port}`, method, path, body);

(withoutHaproxy ? describe.skip : describe)('the registry behind its reader in compose', () => {
  beforeAll(async () => {
    port = await freePort();
    const config = readFileSync(join(import.meta.dirname, '../../../docker/registry.cfg'), 'utf8')
      .replace('bind :8080', `bind 127.0.0.1:${port}`)
      .replace('registry-writer:8080', registry.host);
    writeFileSync(join(dir, 'registry.cfg'), config);
    reader = await startDaemon({
      name: 'HAProxy',
      command: HAPROXY,
      args: ['-db', '-f', join(dir, 'registry.cfg')],
      options: { cwd: dir, stopSignal: 'SIGUSR1' },
      log: join(dir, 'haproxy.log'),
      ready: async () => fetch(`http://127.0.0.1:${port}${api}/subjects`),
    });
  });
  afterAll(async () => {
    await reader?.stop();
    await removeInfrastructure(dir);
  });

  it('is read, and looks a schema up by its text', async () => {
    expect(await statusOf(registry.host, 'POST', `${api}/subjects/${subject}/versions`, schema)).toBe(200);
    expect(await read('GET', `${api}/subjects`)).toBe(200);
    expect(await read('GET', `${api}/config/${subject}?defaultToGlobal=true`)).toBe(200);
    expect(await read('POST', `${api}/subjects/${subject}?normalize=true`, schema)).toBe(200);
  });

  it.each([
    ['POST', `${api}/subjects/${subject}/versions`],
    ['POST', `${api}/subjects/${subject}%2Fversions`],
    ['POST', `${api}/subjects/x/../${subject}/versions`],
    ['PUT', `${api}/config/${subject}`],
    ['DELETE', `${api}/subjects/${subject}`],
    ['POST', '/apis/registry/v3/groups/default/artifacts'],
    ['POST', '/apis/registry/v2/groups/default/artifacts'],
  ])('is not written: %s %s', async (method, path) => {
    expect(await read(method, path, schema)).toBe(403);
  });
});
