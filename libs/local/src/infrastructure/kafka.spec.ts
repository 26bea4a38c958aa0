import { describe, expect, it } from '@jest/globals';
import { clusterId, serverProperties } from './kafka.js';

describe('a cluster id', () => {
  it('does not begin with a minus', () => {
    expect(clusterId(Buffer.alloc(16, 0xfb))).toBe('A_v7-_v7-_v7-_v7-_v7-w');
    expect(clusterId()).toHaveLength(22);
  });
});

describe("the broker's settings", () => {
  const lines = serverProperties('C:\\data\\kafka', { port: 9092, controllerPort: 9093 }).trim().split('\n');

  it('let it listen on loopback only', () => {
    expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093');
  });

  it('advertise the proxy to clients behind it, and the broker itself to others', () => {
    const proxied = { port: 9094, advertised: 9095 };
    const behindProxy = serverProperties('/data', { port: 9092, controllerPort: 9093, proxied }).split('\n');
    expect(behindProxy).toContain(
      'listeners=PLAINTEXT://127.0.0.1:9092,PROXIED://127.0.0.1:9094,CONTROLLER://127.0.0.1:9093',
    );
    expect(behindProxy).toContain('advertised.listeners=PLAINTEXT://127.0.0.1:9092,PROXIED://127.0.0.1:9095');
  });

  it('never create a topic because of a typo', () => {
    expect(lines).toContain('auto.create.topics.enable=false');
  });

  it('write a path without the escapes of a properties file', () => {
    expect(lines).toContain('log.dirs=C:/data/kafka');
  });

  it('need one broker for each internal topic', () => {
    const factors = lines.filter((line) => line.includes('replication.factor'));
    expect(factors.length).toBeGreaterThan(2);
    expect(factors.every((line) => line.endsWith('=1'))).toBe(true);
  });
});
