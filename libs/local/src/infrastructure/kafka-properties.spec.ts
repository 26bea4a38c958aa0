import { describe, expect, it } from '@jest/globals';
import { clusterId, serverProperties } from './kafka-properties.js';

describe('a cluster id', () => {
  it('does not begin with a minus', () => {
    expect(clusterId(Buffer.alloc(16, 0xfb))).toBe('A_v7-_v7-_v7-_v7-_v7-w');
    expect(clusterId()).toHaveLength(22);
  });
});

describe("the broker's settings", () => {
  const lines = serverProperties('logs', { port: 9092, controllerPort: 9093 }).trim().split('\n');

  it('let it listen on loopback only', () => {
    expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093');
  });

  it('advertise the proxy to clients behind it, and the broker itself to others', () => {
    const proxied = { port: 9094, advertised: 9095 };
    const behindProxy = serverProperties('logs', { port: 9092, controllerPort: 9093, proxied }).split('\n');
    expect(behindProxy).toContain(
      'listeners=PLAINTEXT://127.0.0.1:9092,PROXIED://127.0.0.1:9094,CONTROLLER://127.0.0.1:9093',
    );
    expect(behindProxy).toContain('advertised.listeners=PLAINTEXT://127.0.0.1:9092,PROXIED://127.0.0.1:9095');
  });

  it('are plain without certificates and logins', () => {
    expect(lines.filter((line) => /^(ssl|sasl|authorizer|super)/.test(line))).toEqual([]);
  });

  it('never create a topic because of a typo', () => {
    expect(lines).toContain('auto.create.topics.enable=false');
  });

  it('need one broker for each internal topic', () => {
    const factors = lines.filter((line) => line.includes('replication.factor'));
    expect(factors.length).toBeGreaterThan(2);
    expect(factors.every((line) => line.endsWith('=1'))).toBe(true);
  });

  it('keep three copies of each internal topic where there are three brokers', () => {
    const member = { nodeId: 2, clusterId: 'x', controllerPorts: [9093, 9193, 9293] };
    const ofThree = serverProperties('logs', { port: 9192, controllerPort: 9193, member }).split('\n');
    expect(ofThree).toEqual(
      expect.arrayContaining([
        'node.id=2',
        'controller.quorum.voters=1@127.0.0.1:9093,2@127.0.0.1:9193,3@127.0.0.1:9293',
        'offsets.topic.replication.factor=3',
        'transaction.state.log.min.isr=2',
      ]),
    );
  });
});

describe('the settings of a secure broker', () => {
  const logins = { admin: 'a', broker: 'b', registry: 'r', orders: 'o', inventory: 'i', payments: 'p' };
  const others = { notifications: 'n', console: 'c', ops: 'x' };
  const security = {
    certified: { certificate: '', privateKey: '' },
    authority: '',
    logins: { ...logins, ...others },
  };
  const lines = serverProperties('logs', { port: 9092, controllerPort: 9093, security }).trim().split('\n');

  it('take clients with TLS and a login alone', () => {
    expect(lines).toContain('listeners=SASL_SSL://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093');
    expect(lines).toContain('sasl.enabled.mechanisms=SCRAM-SHA-512');
    expect(lines.filter((line) => line.includes('PLAINTEXT'))).toEqual([]);
  });

  it('take clients behind a proxy no other way', () => {
    const proxied = { port: 9094, advertised: 9095 };
    const place = { port: 9092, controllerPort: 9093, proxied, security };
    const behindProxy = serverProperties('logs', place).split('\n');
    expect(behindProxy).toContain('listener.security.protocol.map=SASL_SSL:SASL_SSL,PROXIED:SASL_SSL,CONTROLLER:SSL');
    // Without one the broker does not start: each listener has a login of its own.
    expect(behindProxy).toContainEqual(
      expect.stringMatching(/^listener\.name\.proxied\.scram-sha-512\.sasl\.jaas\.config=.* password="b";$/),
    );
  });

  it('let nobody without a certificate reach the controller', () => {
    expect(lines).toContain('listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:SSL');
    expect(lines).toContain('listener.name.controller.ssl.client.auth=required');
  });

  it('deny what no entry allows, to all but the broker and its admin', () => {
    expect(lines).toContain('authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer');
    expect(lines).toContain('super.users=User:admin;User:broker;User:CN=kafka');
    expect(lines.filter((line) => line.startsWith('allow.everyone'))).toEqual([]);
  });
});
