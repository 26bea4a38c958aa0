/** Which orders: a range of ids, open at an end that is not given, or a list of ids. */
export type Scope = { after?: string; upTo?: string } | { ids: readonly string[] };

/** A statement whose rows have the order id as `key`. */
export type Statement = (scope: Scope) => { text: string; values: unknown[] };

type IdType = 'uuid' | 'text';

// Order ids sort alike as uuid and as text, so a range is the same in every database.
function statement(type: IdType, column: string, textOf: (inScope: string) => string): Statement {
  return (scope) => {
    if ('ids' in scope) {
      const isId = type === 'uuid' ? scope.ids.filter((id) => /^[0-9a-f-]{36}$/.test(id)) : scope.ids;
      return { text: textOf(`${column} = ANY ($1::${type}[])`), values: [isId] };
    }
    const { after, upTo } = scope;
    const bounds = [
      ...(after === undefined ? [] : [{ operator: '>', value: after }]),
      ...(upTo === undefined ? [] : [{ operator: '<=', value: upTo }]),
    ];
    const conditions = bounds.map(({ operator }, index) => `${column} ${operator} $${index + 1}::${type}`);
    return { text: textOf(conditions.join(' AND ') || 'TRUE'), values: bounds.map(({ value }) => value) };
  };
}

/** Selects the last id of a range of `atOnce` orders; no row if fewer are left. */
export const endOfRange = (after: string | undefined, atOnce: number) => ({
  text: `
    SELECT order_id AS key FROM order_events
    WHERE version = 1 ${after === undefined ? '' : 'AND order_id > $2::uuid'}
    ORDER BY order_id OFFSET $1 LIMIT 1`,
  values: after === undefined ? [atOnce] : [atOnce, after],
});

export const orders = statement(
  'uuid',
  'order_id',
  (inScope) => `
  WITH history AS (
    SELECT order_id, count(*)::int AS events, min(version) AS "firstVersion", max(version) AS "lastVersion",
           (array_agg(type ORDER BY version DESC))[1] AS "lastType", max(data->>'reason') AS reason,
           max((data->>'totalMinor')::float8) FILTER (WHERE type = 'OrderPlaced') AS "placedMinor",
           extract(epoch FROM now() - min(time))::float8 AS "ageSeconds"
    FROM order_events WHERE ${inScope} GROUP BY order_id
  ), snapshots AS (
    SELECT order_id, status, version, cancel_reason AS "cancelReason", total_minor::float8 AS "totalMinor", currency
    FROM orders WHERE ${inScope}
  ), views AS (
    SELECT order_id, settled, status, cancel_reason AS "cancelReason", stock, payment,
           json_build_object('orders', version, 'inventory', inventory_seq, 'payments', payments_seq,
                             'notifications', notifications_seq) AS sequences
    FROM order_views WHERE ${inScope}
  )
  SELECT order_id AS key, row_to_json(history) AS history, row_to_json(snapshots) AS snapshot, row_to_json(views) AS view
  FROM history FULL JOIN snapshots USING (order_id) FULL JOIN views USING (order_id)`,
);

export const reservations = statement(
  'uuid',
  'order_id',
  (inScope) => `SELECT order_id AS key, status, sequence FROM reservations WHERE ${inScope}`,
);

export const payments = statement(
  'uuid',
  'order_id',
  (inScope) => `
  SELECT order_id AS key, status, sequence, coalesce(amount_minor, 0)::float8 AS "amountMinor", currency
  FROM payments WHERE ${inScope}`,
);

export const notices = statement(
  'uuid',
  'order_id',
  (inScope) => `SELECT order_id AS key, sequence, mails FROM notices WHERE ${inScope}`,
);

export const charges = statement(
  'text',
  'order_id',
  (inScope) => `
  SELECT order_id AS key, count(*) FILTER (WHERE status = 'captured')::int AS captures,
         coalesce(sum(amount_minor - refunded_minor) FILTER (WHERE status = 'captured'), 0)::float8 AS "keptMinor",
         string_agg(DISTINCT currency, ' and ') FILTER (WHERE status = 'captured') AS currency
  FROM charges WHERE ${inScope} GROUP BY order_id`,
);

export const mails = statement(
  'text',
  'order_id',
  (inScope) => `
  SELECT order_id AS key, jsonb_object_agg(template, mails) AS mailbox
  FROM (
    SELECT order_id, coalesce(template, '') AS template, count(*) AS mails
    FROM mails WHERE ${inScope} GROUP BY 1, 2
  ) AS of_order
  WHERE order_id IS NOT NULL GROUP BY order_id`,
);

export const calls = statement(
  'text',
  'subject',
  (inScope) => `SELECT DISTINCT subject AS key FROM external_calls WHERE ${inScope}`,
);
