import { openClient } from '@orderflow/postgres';
import { sentDuring } from '@orderflow/postgres/test/sent-during';

/** A node of a plan that was executed. */
export interface PlanNode {
  /** Such as `Index Scan` and `Seq Scan`. */
  readonly type: string;
  readonly relation: string | undefined;
  readonly index: string | undefined;
  /** Rows that it read: those that it returned, and those that its filter removed. */
  readonly read: number;
}

interface Explained {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Explained[];
}

/** The nodes that read tables in the plans of all SELECT statements which this process sends while `work` runs. */
export async function scansOf(url: string, work: () => Promise<unknown>): Promise<PlanNode[]> {
  const sent = await sentDuring(work);
  const client = await openClient({ url, name: 'plans', connectTimeoutMs: 10_000 });
  try {
    const scans: PlanNode[] = [];
    for (const { text, values } of sent) {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Explained }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
        [...values],
      );
      scans.push(...nodesOf(rows[0]!['QUERY PLAN'][0].Plan).filter(({ relation }) => relation !== undefined));
    }
    return scans;
  } finally {
    await client.end();
  }
}

function nodesOf(plan: Explained): PlanNode[] {
  const node = {
    type: plan['Node Type'],
    relation: plan['Relation Name'],
    index: plan['Index Name'],
    read: (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'],
  };
  return [node, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
