import { randomBytes } from 'node:crypto';
import type { Certified } from '../security/authority.js';
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

/**
 * `server.properties` of one node that is both broker and controller (https://kafka.apache.org/documentation/#brokerconfigs).
 * @param logDir relative to the working directory: the file is Latin-1 and the setting a list, and the path of the directory
 *   may have other letters and commas
 */
export function serverProperties(logDir: string, place: KafkaPlace): string {
  const { port, controllerPort, proxied, member, security } = place;
  const protocol = security === undefined ? 'PLAINTEXT' : 'SASL_SSL';
  const listeners: [name: string, port: number, advertised: number][] = [[protocol, port, port]];
  if (proxied !== undefined) listeners.push(['PROXIED', proxied.port, proxied.advertised]);
  const controllers = member?.controllerPorts ?? [controllerPort];
  const { copies, acknowledged } = replicasFor(controllers.length);
  const values = {
    'process.roles': 'broker,controller',
    'node.id': member?.nodeId ?? 1,
    'controller.quorum.voters': controllers.map((at, index) => `${index + 1}@127.0.0.1:${at}`).join(),
    listeners: [...listeners, ['CONTROLLER', controllerPort]].map(([name, at]) => `${name}://127.0.0.1:${at}`).join(),
    'advertised.listeners': listeners.map(([name, , at]) => `${name}://127.0.0.1:${at}`).join(),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
    ...(security && securityProperties(security)),
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
const securityProperties = ({ logins }: KafkaBrokerSecurity) => ({
  'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,CONTROLLER:SSL',
  'inter.broker.listener.name': 'SASL_SSL',
  'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
  'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
  'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': scramLogin('broker', logins.broker),
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': KEY_STORE,
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': TRUST_STORE,
  // SCRAM cannot protect the controller, which keeps its passwords: the broker shows its certificate there.
  'listener.name.controller.ssl.client.auth': 'required',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': `User:admin;User:broker;User:CN=${BROKER_NAME}`,
});

/** The login of a Java client, as `sasl.jaas.config` has it. */
export const scramLogin = (user: KafkaUser, password: string): string =>
  `org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";`;

/** 16 random bytes in base64url. Not with a leading minus, which kafka.tools.StorageTool takes for an option. */
export const clusterId = (bytes = randomBytes(16)): string => bytes.toString('base64url').replace(/^-/, 'A');
