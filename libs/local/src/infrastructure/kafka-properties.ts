import { randomBytes } from 'node:crypto';
import type { Certified } from '../security/authority.js';
import { javaLogin } from './java-login.js';
import type { KafkaUser } from '../security/logins.js';

/** Where a broker listens, and which others it works with. */
export interface KafkaPlace {
  /** TCP port on 127.0.0.1 for clients. */
  port: number;
  /** TCP port on 127.0.0.1 for the broker's own controller (KRaft). */
  controllerPort: number;
  /**
   * A second port on 127.0.0.1 for clients behind a proxy: the broker advertises the `advertised` port to them, on which the
   * proxy listens.
   */
  proxied?: { port: number; advertised: number };
  /** Given for one of several brokers. */
  member?: KafkaMember;
  /** Clients need TLS and a login, and may do what the access control list allows. For a broker that is alone. */
  security?: KafkaBrokerSecurity;
}

/** The certificates and logins of a broker. */
export interface KafkaBrokerSecurity {
  /** That of the broker, and that of the authority whose clients it trusts, PEM. */
  certified: Certified;
  authority: string;
  /** Passwords by user, made when the storage is. */
  logins: Readonly<Record<KafkaUser, string>>;
}

/** The files of {@link KafkaBrokerSecurity} in the broker's working directory. */
export const KEY_STORE = 'tls.pem';
export const TRUST_STORE = 'authority.pem';
export const keyStore = ({ privateKey, certificate }: Certified): string => privateKey + certificate;
/** The common name of the broker's certificate, by which its controller knows it. */
export const BROKER_NAME = 'kafka';

/** One of several brokers, each of which is a controller too. */
export interface KafkaMember {
  /** From 1. */
  nodeId: number;
  clusterId: string;
  /** Of every broker, by node id. */
  controllerPorts: readonly number[];
}

/** The folder of the topics, in the broker's working directory. */
export const LOG_DIR = 'logs';

/** Copies of Kafka's internal topics, and how many of them acknowledge a write. */
const replicasFor = (brokers: number) => ({ copies: Math.min(3, brokers), acknowledged: brokers >= 3 ? 2 : 1 });

/** Where a node is reached, each place as `host:port`; without a host at every address of its machine. */
interface Node {
  readonly id: number;
  readonly listeners: readonly { readonly name: string; readonly at: string; readonly advertised: string }[];
  readonly controller: string;
  /** Of every node, by node id. */
  readonly controllers: readonly string[];
}

/** The name of the listener for clients. */
const CLIENTS = { plain: 'PLAINTEXT', secure: 'SASL_SSL' } as const;

/**
 * `server.properties` of one node on this machine that is both broker and controller.
 * @param logDir relative to the working directory: the file is Latin-1 and the setting a list, and the path of the directory
 *   may have other letters and commas
 */
export function serverProperties(logDir: string, place: KafkaPlace): string {
  const { port, controllerPort, proxied, member, security } = place;
  const local = (at: number) => `127.0.0.1:${at}`;
  const node = {
    id: member?.nodeId ?? 1,
    listeners: [
      { name: CLIENTS[security ? 'secure' : 'plain'], at: local(port), advertised: local(port) },
      ...(proxied ? [{ name: 'PROXIED', at: local(proxied.port), advertised: local(proxied.advertised) }] : []),
    ],
    controller: local(controllerPort),
    controllers: (member?.controllerPorts ?? [controllerPort]).map(local),
  };
  return propertiesOf(logDir, node, security && { security, folder: '' });
}

/**
 * `server.properties` of the broker of compose, for clients in its network and on the machine of the containers.
 * @param folder of the certificates, in the container. @param hostPort on 127.0.0.1 of the machine, where it is published
 */
export function containerProperties(security: KafkaBrokerSecurity, folder: string, hostPort: number): string {
  const node = {
    id: 1,
    listeners: [
      { name: CLIENTS.secure, at: ':29092', advertised: `${BROKER_NAME}:29092` },
      { name: 'HOST', at: ':9092', advertised: `127.0.0.1:${hostPort}` },
    ],
    controller: ':9093',
    controllers: [`${BROKER_NAME}:9093`],
  };
  return propertiesOf('/var/lib/kafka/data', node, { security, folder: `${folder}/` });
}

/** https://kafka.apache.org/documentation/#brokerconfigs */
function propertiesOf(
  logDir: string,
  { id, listeners, controller, controllers }: Node,
  secured: { security: KafkaBrokerSecurity; folder: string } | undefined,
): string {
  const { copies, acknowledged } = replicasFor(controllers.length);
  const names = listeners.map(({ name }) => name);
  const protocols = secured
    ? { clients: 'SASL_SSL', controller: 'SSL' }
    : { clients: 'PLAINTEXT', controller: 'PLAINTEXT' };
  const values = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': controllers.map((at, index) => `${index + 1}@${at}`).join(),
    listeners: [...listeners, { name: 'CONTROLLER', at: controller }].map(({ name, at }) => `${name}://${at}`).join(),
    'advertised.listeners': listeners.map(({ name, advertised }) => `${name}://${advertised}`).join(),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': [
      ...names.map((name) => `${name}:${protocols.clients}`),
      `CONTROLLER:${protocols.controller}`,
    ].join(),
    ...(secured && securityProperties(secured.security, secured.folder, names)),
    'log.dirs': logDir,
    'auto.create.topics.enable': false,
    // Otherwise the first member of a group waits 3 s for others at every start.
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': acknowledged,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': acknowledged,
    // The registry leaves it to this setting. Services ask for what they need, topic by topic.
    'default.replication.factor': copies,
    'min.insync.replicas': 1,
    'num.network.threads': 2,
    'num.io.threads': 4,
    // The default of 128 MB is a quarter of the heap.
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** https://kafka.apache.org/documentation/#security */
const securityProperties = ({ logins }: KafkaBrokerSecurity, folder: string, listeners: readonly string[]) => ({
  'inter.broker.listener.name': CLIENTS.secure,
  'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
  'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
  // Each listener wants one of its own, though only that between brokers logs in by it.
  ...Object.fromEntries(
    listeners.map((name) => [
      `listener.name.${name.toLowerCase()}.scram-sha-512.sasl.jaas.config`,
      javaLogin({ mechanism: 'scram-sha-512', username: 'broker', password: logins.broker }),
    ]),
  ),
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': folder + KEY_STORE,
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': folder + TRUST_STORE,
  // SCRAM cannot protect the controller, which keeps its passwords: the broker shows its certificate there.
  'listener.name.controller.ssl.client.auth': 'required',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': `User:admin;User:broker;User:CN=${BROKER_NAME}`,
});

/**
 * The arguments of Java that make a broker's storage, one a line, for a file: every user of the machine can read the
 * arguments of a process, and these have passwords.
 */
export const formatArgs = (properties: string, id: string, logins: Partial<Record<KafkaUser, string>> = {}): string =>
  [
    'kafka.tools.StorageTool',
    'format',
    '--ignore-formatted',
    '-t',
    id,
    '-c',
    properties,
    ...Object.entries(logins).flatMap(([user, password]) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${user},password=${password}]`,
    ]),
  ].join('\n');

/** 16 random bytes in base64url. Not with a leading minus, which kafka.tools.StorageTool takes for an option. */
export const clusterId = (bytes = randomBytes(16)): string => bytes.toString('base64url').replace(/^-/, 'A');
