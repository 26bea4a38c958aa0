import { StartError } from '@orderflow/config';
import type { Service } from '@orderflow/contracts';
import type { Sql } from '../store/sql.js';

/**
 * Checks that the brokers are those that the database has been used with: offsets and published events mean nothing to others.
 * A database that was used with none takes these.
 * @throws StartError with one line for the operator, and errors of the database as they are
 */
export async function checkCluster(service: Service, database: Sql, clusterId: string): Promise<void> {
  await database.query('INSERT INTO kafka_cluster (id) VALUES ($1) ON CONFLICT DO NOTHING', [clusterId]);
  const [known] = await database.query<{ id: string }>('SELECT id FROM kafka_cluster');
  // guard: a service does not start on another Kafka cluster
  if (known!.id !== clusterId)
    throw new StartError(
      `KAFKA_BROKERS: this is the cluster ${clusterId}, and the database of ${service} belongs to ${known!.id}: set KAFKA_BROKERS to that one; if this one takes its place, run "orderflow republish ${service}" first`,
    );
}

/** From now on the database belongs to this cluster. */
export async function takeCluster(sql: Sql, clusterId: string): Promise<void> {
  await sql.query('UPDATE kafka_cluster SET id = $1', [clusterId]);
  await sql.query('INSERT INTO kafka_cluster (id) VALUES ($1) ON CONFLICT DO NOTHING', [clusterId]);
}
