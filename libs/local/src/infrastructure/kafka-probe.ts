const GROUP = 'orderflow-readiness';

/**
 * Resolves when the broker at `host:port` serves consumer groups: it names a coordinator that has loaded its offsets. An open
 * port is not enough: the first joins would be refused.
 * @throws Error while it does not
 */
export async function groupsAreServed(broker: string): Promise<void> {
  // Loaded lazily: programs that only need PostgreSQL need not load Nest and kafkajs.
  const { KafkajsBroker } = await import('@orderflow/kafka');
  const client = new KafkajsBroker({ brokers: [broker], clientId: 'readiness' });
  try {
    await client.lagOf(GROUP, []);
  } finally {
    await client.disconnect();
  }
}
