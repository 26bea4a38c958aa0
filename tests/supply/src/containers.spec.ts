import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Container {
  readonly image: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly network_mode?: string;
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly build?: unknown;
}

const read = (...path: string[]) => readFileSync(join(import.meta.dirname, '..', '..', '..', ...path), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Container>;
  networks: Record<string, { internal?: boolean } | null>;
};
const containers = Object.entries(compose.services);
const published = containers.filter(([, { ports }]) => ports !== undefined);

describe('each container', () => {
  it.each(containers)('%s is confined, and has a limit of memory and processes', (_name, container) => {
    expect(container).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      pids_limit: expect.any(Number),
      mem_limit: expect.any(String),
    });
    expect(Object.keys(container).filter((key) => /^(privileged|cap_add|devices|pid|ipc)$/.test(key))).toEqual([]);
  });

  it('is root only where it has no network', () => {
    const modes = containers.map(([name, { user = 'other', network_mode: mode = 'own' }]) => [
      name,
      user === 'root',
      mode,
    ]);
    expect(modes.filter(([, isRoot, mode]) => isRoot || mode !== 'own')).toEqual([
      ['secrets', true, 'none'],
      ['token', false, 'none'],
    ]);
  });

  it('runs an image that is built here or has a version', () => {
    const isBuilt = (image: string) =>
      containers.some(([, other]) => other.image === image && other.build !== undefined);
    const images = containers.map(([, { image }]) => image).filter((image) => !isBuilt(image));
    expect(images.filter((image) => !/^[\w./-]+:v?\d+(\.\d+)*$/.test(image))).toEqual([]);
    expect(images.length).toBeGreaterThan(3);
  });
});

describe('the network', () => {
  it('is cut off, but for containers with published ports', () => {
    expect(compose.networks).toEqual({ default: { internal: true }, published: null });
    for (const [, { networks }] of published) expect(networks).toEqual(['default', 'published']);
    expect(containers.filter(([, it]) => it.networks && !it.ports).map(([name]) => name)).toEqual([]);
  });

  it('publishes ports on the loopback address, and those of PostgreSQL, Kafka and registry on request only', () => {
    expect(published.map(([name]) => name).toSorted()).toEqual(['gateway', 'grafana', 'jaeger', 'ports', 'prometheus']);
    for (const [, { ports }] of published)
      for (const port of ports!) expect(port).toMatch(/^127\.0\.0\.1:\$\{\w+:-\d+\}:\d+$/);
    expect(compose.services['ports']).toMatchObject({ profiles: ['ports'] });
  });

  it.each([
    ['gateway', 'haproxy.cfg'],
    ['ports', 'ports.cfg'],
  ])('has a published port for each that %s listens on', (name, file) => {
    const config = read('docker', file);
    const bound = [...config.matchAll(/^ {2}bind :(\d+)$/gm)].map(([, port]) => port);
    expect(compose.services[name]!.ports!.map((port) => port.split(':').at(-1))).toEqual(bound);
    const servers = [...config.matchAll(/^ {2}server(?:-template)? .* ([a-z]+):\d+$/gm)].map(([, host]) => host!);
    expect(servers.length).toBe(bound.length);
    for (const host of servers) expect(compose.services).toHaveProperty(host);
  });

  // By default haproxy takes memory for as many connections as the limit of open files allows.
  it.each(['haproxy.cfg', 'ports.cfg', 'registry.cfg'])('limits the connections of %s', (file) => {
    expect(read('docker', file)).toMatch(/^global\n {2}maxconn \d+$/m);
  });

  it('lets the load balancer overwrite the address of the caller, which the services trust', () => {
    const sections = read('docker', 'haproxy.cfg')
      .split(/^listen /m)
      .slice(1);
    for (const section of sections) expect(section).toContain('http-request set-header X-Forwarded-For %[src]');
  });
});

describe('the login', () => {
  const mounts = (volume: string) =>
    containers.flatMap(([name, { volumes = [] }]) =>
      volumes.filter((it) => it.startsWith(`${volume}:`)).map((it) => [name, it.slice(volume.length + 1)]),
    );
  const programs = ['sandbox', 'orders', 'inventory', 'payments', 'notifications', 'console'];

  it('keeps the key that signs tokens from every container but the two that make it and print tokens', () => {
    expect(mounts('token-key')).toEqual([
      ['secrets', '/secrets/token'],
      ['token', '/secrets/token:ro'],
    ]);
    expect(compose.services['token']!.networks).toBeUndefined();
  });

  it('gives each program the public keys, and is off unless AUTH says otherwise', () => {
    expect(mounts('auth')).toEqual([['secrets', '/secrets/auth'], ...programs.map((name) => [name, '/auth:ro'])]);
    for (const name of programs) {
      expect(compose.services[name]).toMatchObject({
        environment: { AUTH: '${AUTH:-off}' },
        depends_on: { secrets: { condition: 'service_completed_successfully' } },
      });
    }
    // The settings of a login are read from the folder of the public keys.
    expect(read('Dockerfile')).toContain(' --env-file-if-exists=/auth/$AUTH.env ');
  });

  it('gives the console and Prometheus each a token of their own', () => {
    expect(mounts('console-secrets')).toEqual([
      ['secrets', '/secrets/console'],
      ['console', '/secrets:ro'],
    ]);
    expect(mounts('monitor-token')).toEqual([
      ['secrets', '/secrets/monitor'],
      ['prometheus', '/monitor:ro'],
    ]);
    const { scrape_configs: jobs } = parse(read('observability', 'prometheus', 'prometheus.yml')) as {
      scrape_configs: { authorization?: object }[];
    };
    expect(jobs.map(({ authorization }) => authorization)).toEqual(
      programs.map(() => ({ credentials_file: '/monitor/token' })),
    );
  });
});
