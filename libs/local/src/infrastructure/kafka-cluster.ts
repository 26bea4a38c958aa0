import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kafka, startKafka } from './kafka.js';
import { clusterId, type KafkaPlace, LOG_DIR } from './kafka-properties.js';

/** Of each broker's Java process, MB. */
const HEAP_MB = { alone: 512, ofSeveral: 256 };

/** TCP ports on 127.0.0.1 of one broker. */
export type ClusterPorts = Omit<KafkaPlace, 'member'>;

/** Several Apache Kafka brokers on this machine, each a controller too, for tests that lose one of them. */
export class KafkaCluster {
  private readonly id = clusterId();

  /** @param dir of all data, a folder for each broker. @param ports of each broker */
  constructor(
    private readonly dir: string,
    private readonly ports: readonly ClusterPorts[],
  ) {}

  /** `host:port` of every broker, without a proxy. */
  get brokers(): string[] {
    return this.ports.map(({ port }) => `127.0.0.1:${port}`);
  }

  /**
   * Starts a broker, and resolves once it serves consumer groups: for that a majority of the brokers must run.
   * @param nodeId from 1. @param log file of the broker
   */
  async start(nodeId: number, log: string): Promise<Kafka> {
    const member = { nodeId, clusterId: this.id, controllerPorts: this.ports.map((it) => it.controllerPort) };
    const place = this.ports[nodeId - 1];
    if (place === undefined) throw new RangeError(`there is no broker ${nodeId}`);
    const heapMb = this.ports.length === 1 ? HEAP_MB.alone : HEAP_MB.ofSeveral;
    return startKafka({ ...place, dataDir: this.folderOf(nodeId), member, log, heapMb });
  }

  /** Removes all that a broker has stored, as when its disk is lost. It must not be running. */
  async loseDisk(nodeId: number): Promise<void> {
    await rm(join(this.folderOf(nodeId), LOG_DIR), { recursive: true });
  }

  private folderOf(nodeId: number): string {
    return join(this.dir, `kafka-${nodeId}`);
  }
}
