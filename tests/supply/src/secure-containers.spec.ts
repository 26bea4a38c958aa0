import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, parse, parseDocument, visit } from 'yaml';

interface Container {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
  readonly networks?: unknown;
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Container>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const RESET = 'reset';
const read = (...path: string[]) => readFileSync(join(import.meta.dirname, '..', '..', '..', ...path), 'utf8');
const fileOf = (name: string) =>
  parse(read(name), {
    merge: true,
    logLevel: 'silent',
    customTags: [{ tag: '!reset', resolve: () => RESET }],
  }) as Compose;

const plain = fileOf('docker-compose.yml');
const secure = fileOf('docker-compose.secure.yml');
const containers = Object.entries(secure.services);
const added = containers.filter(([name]) => !(name in plain.services));
const programs = ['sandbox', 'orders', 'inventory', 'payments', 'notifications', 'console'];

/** The containers that mount a volume, in either file, with the place and mode. */
const mounts = (volume: string) =>
  [...Object.entries(plain.services), ...containers].flatMap(([name, { volumes = [] }]) =>
    volumes.filter((it) => it.startsWith(`${volume}:`)).map((it) => [name, it.slice(volume.length + 1)]),
  );

describe('the containers of a secure system', () => {
  // Many releases of compose (compose-go 2.1 and 2.9) apply the tag where the anchor stands, and not at its aliases.
  it('reset and override in place, never through an anchor', () => {
    const tagged = parseDocument(read('docker-compose.secure.yml'), { merge: true, logLevel: 'silent' });
    const shared: string[] = [];
    visit(tagged, {
      Collection: (_key, node) => {
        if (node.anchor && /![a-z]/.test(String(new Document(node.clone())))) shared.push(node.anchor);
      },
    });
    expect(shared).toEqual([]);
  });

  it('are apart from those of a plain one', () => {
    expect(secure.name).not.toBe(plain.name);
  });

  it.each(added)('%s, which is added, is confined, and has a limit of memory and processes', (_name, container) => {
    expect(container).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      pids_limit: expect.any(Number),
      mem_limit: expect.any(String),
    });
  });

  it('loosen nothing of the others, and publish no port', () => {
    const loosening =
      /^(read_only|cap_|security_opt|pids_limit|mem_limit|user|network_mode|ports|privileged|devices|pid|ipc)/;
    const changed = containers.filter(([name]) => name in plain.services);
    expect(changed.flatMap(([, container]) => Object.keys(container)).filter((key) => loosening.test(key))).toEqual([]);
    expect(added.map(([name]) => name)).toEqual(['acls', 'registry-reader']);
    for (const [, container] of added) expect(container).not.toHaveProperty('ports');
  });
});

describe('the logins of a secure system', () => {
  it.each(programs)('%s has its own, and no password in its variables', (name) => {
    expect(secure.services[name]!.environment).toEqual({ DATABASE_URL: RESET, SCHEMA_AUTO_REGISTER: 'false' });
    expect(mounts(`${name}-secrets`)).toEqual([
      ['secrets', `/secrets/${name}`],
      [name, '/secrets:ro'],
    ]);
    expect(read('Dockerfile')).toContain(' --env-file-if-exists=/secrets/login.env ');
  });

  it.each([
    ['postgres-security', '/secrets/postgres', [['postgres', '/security:ro']]],
    ['kafka-security', '/secrets/kafka', [['kafka', '/security:ro']]],
    ['registry-security', '/secrets/registry', [['registry', '/security:ro']]],
    ['ops-login', '/secrets/ops', [['audit', '/secrets:ro']]],
    ['migrate-login', '/secrets/migrate', [['migrate', '/secrets:ro']]],
    [
      'topics-login',
      '/secrets/topics',
      [
        ['acls', '/secrets:ro'],
        ['topics', '/secrets:ro'],
      ],
    ],
  ])('%s reaches its container alone', (volume, made, readBy) => {
    expect(mounts(volume)).toEqual([['secrets', made], ...readBy]);
  });

  it('replace the password of the superuser that everybody knows', () => {
    expect(secure.services['postgres']!.environment).toEqual({
      POSTGRES_PASSWORD: RESET,
      POSTGRES_PASSWORD_FILE: '/security/password',
    });
    for (const name of ['migrate', 'audit'])
      expect(secure.services[name]!.environment).toEqual({ DATABASE_URL: RESET });
  });

  it('are there before the parts that read them start', () => {
    for (const name of ['postgres', 'kafka'])
      expect(secure.services[name]!.depends_on).toEqual({ secrets: { condition: 'service_completed_successfully' } });
    // No container that they depend on waits for one of them.
    expect(plain.services['secrets']!.depends_on).toBeUndefined();
  });
});

describe('the registry of a secure system', () => {
  const members = containers
    .filter(([, { networks = [] }]) =>
      (Array.isArray(networks) ? networks : Object.keys(networks as object)).includes('schemas'),
    )
    .map(([name]) => name);

  it('is in a network with Kafka, its reader and the one container that registers schemas', () => {
    expect(secure.networks).toEqual({ schemas: { internal: true } });
    expect(members.toSorted()).toEqual(['kafka', 'registry', 'registry-reader', 'topics']);
    expect(Object.keys(secure.services['registry']!.networks as object)).toEqual(['schemas']);
  });

  it('is read by the others through a proxy of its name, which refuses writes', () => {
    expect(secure.services['registry-reader']!.networks).toEqual({ default: { aliases: ['registry'] }, schemas: {} });
    const config = read('docker', 'registry.cfg');
    expect(config).toContain('bind :8080');
    expect(config).toContain('http-request deny unless reads or looks_up is_subject');
    expect(read('docker', 'gateway.Dockerfile')).toContain('docker/registry.cfg');
  });
});
