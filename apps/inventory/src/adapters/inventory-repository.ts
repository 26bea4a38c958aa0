import { keptOf, type RecordedEvent, type Repository, type Sql } from '@orderflow/durable';
import type { Inventory, InventoryCommand, InventoryEvent, Line, Reservation, Stock } from '../domain/inventory.js';
import {
  type DeliveryRow,
  type InventoryTypes,
  InventoryWorkingSet,
  orderOf,
  skusOf,
} from '../domain/inventory-working-set.js';
import { saveProductEvents } from './product-events.js';
import { withoutLines } from './reservation-events.js';

interface ReservationRow {
  readonly orderId: string;
  readonly status: Reservation['status'];
  readonly sequence: number;
  readonly lines: readonly Line[];
}

export class InventoryRepository implements Repository<InventoryTypes> {
  async load(sql: Sql, commands: readonly InventoryCommand[]): Promise<InventoryWorkingSet> {
    const [reservations, deliveries] = await Promise.all([
      lockReservations(sql, commands),
      loadDeliveries(sql, commands),
    ]);
    // A reservation names the products of its order, so that stock is locked after it.
    const byOrder = new Map(reservations.map((reservation) => [reservation.orderId, reservation]));
    const skus = commands.flatMap((command) => skusOf(command, byOrder.get(orderOf(command))));
    const stock = await lockStock(sql, skus, commands);
    return new InventoryWorkingSet({ reservations, stock, deliveries });
  }

  async save(
    sql: Sql,
    workingSet: InventoryWorkingSet,
    recorded: readonly RecordedEvent<InventoryEvent, Inventory>[],
  ): Promise<void> {
    const kept = keptOf(recorded);
    const eventsOf = (orderId: string) => ({ events: (kept.get(orderId) ?? []).map(withoutLines) });
    const reservations = workingSet.changedReservations();
    const withLines = reservations.filter((reservation) => workingSet.hasNewLines(reservation));
    const stored = reservations.filter((reservation) => !workingSet.hasNewLines(reservation));
    const stock = workingSet.changedStock();
    const defined = stock.filter((product) => workingSet.isDefinedAnew(product));
    const moved = stock.filter((product) => !workingSet.isDefinedAnew(product));
    await Promise.all([
      saveRows(
        sql,
        SAVE_RESERVATIONS,
        withLines.map((reservation) => ({ ...rowOf(reservation), ...eventsOf(reservation.orderId) })),
      ),
      saveRows(
        sql,
        SAVE_STATUS,
        stored.map(({ orderId, status, sequence }) => ({ orderId, status, sequence, ...eventsOf(orderId) })),
      ),
      saveRows(sql, SAVE_STOCK, defined),
      saveProductEvents(
        sql,
        // The topic keeps the newest change of a product only.
        defined.map(({ sku, sequence }) => ({ sku, sequence, events: (kept.get(sku) ?? []).slice(-1) })),
      ),
      saveQuantities(sql, moved),
      saveRows(sql, SAVE_DELIVERIES, workingSet.newDeliveries()),
    ]);
  }
}

async function saveRows(sql: Sql, statement: string, rows: readonly unknown[]): Promise<void> {
  if (rows.length > 0) await sql.query(statement, [JSON.stringify(rows)]);
}

async function saveQuantities(sql: Sql, stock: readonly Stock[]): Promise<void> {
  if (stock.length === 0) return;
  await sql.query(SAVE_QUANTITIES, [
    stock.map(({ sku }) => sku),
    stock.map(({ onHand }) => onHand),
    stock.map(({ reserved }) => reserved),
    stock.map(({ committed }) => committed),
  ]);
}

async function lockReservations(sql: Sql, commands: readonly InventoryCommand[]): Promise<Reservation[]> {
  const orderIds = [...new Set(commands.flatMap((command) => ('orderId' in command ? [orderOf(command)] : [])))];
  if (orderIds.length === 0) return [];
  const [, rows] = await Promise.all([
    sql.query(INSERT_MISSING_RESERVATIONS, [orderIds]),
    sql.query<ReservationRow>(LOCK_RESERVATIONS, [orderIds]),
  ]);
  return rows.map(reservationOf);
}

async function lockStock(sql: Sql, skus: readonly string[], commands: readonly InventoryCommand[]): Promise<Stock[]> {
  if (skus.length === 0) return [];
  const defined = commands.flatMap((command) => (command.type === 'DefineProduct' ? [command.sku] : []));
  if (defined.length > 0) await sql.query(LOCK_NEW_PRODUCTS, [[...new Set(defined)].sort()]);
  return sql.query<Stock>(LOCK_STOCK, [[...new Set(skus)]]);
}

/** Without locks: when two instances book one delivery at once, the second insert fails and its batch is retried. */
async function loadDeliveries(sql: Sql, commands: readonly InventoryCommand[]): Promise<DeliveryRow[]> {
  const ids = commands.flatMap((command) => ('deliveryId' in command ? [command.deliveryId] : []));
  return ids.length > 0 ? sql.query<DeliveryRow>(LOAD_DELIVERIES, [ids]) : [];
}

function reservationOf({ orderId, status, sequence, lines }: ReservationRow): Reservation {
  if (status === 'reserved' || status === 'committed' || status === 'released')
    return { orderId, status, sequence, lines };
  return { orderId, status, sequence };
}

const rowOf = (reservation: Reservation): ReservationRow => ({ lines: [], ...reservation });

// A missing row cannot be locked: two first events of one order would overwrite each other.
const INSERT_MISSING_RESERVATIONS = `
  INSERT INTO reservations (order_id)
  SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id
  ON CONFLICT DO NOTHING`;

// In key order, else two batches that share orders could deadlock.
const LOCK_RESERVATIONS = `
  SELECT order_id AS "orderId", status, sequence, lines
  FROM reservations WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id FOR UPDATE`;

// A new product has no row to lock, and a refused one must not leave a row: an advisory lock on its SKU instead.
const LOCK_NEW_PRODUCTS = `SELECT pg_advisory_xact_lock(hashtextextended(sku, 0)) FROM unnest($1::text[]) AS sku`;

// In key order, else two batches that share products could deadlock.
// guard: inventory: the rows of the stock are locked
const LOCK_STOCK = `
  SELECT sku, name, price_minor::float8 AS "priceMinor", currency, on_hand AS "onHand", reserved, committed, sequence
  FROM stock WHERE sku = ANY ($1::text[]) ORDER BY sku FOR UPDATE`;

const LOAD_DELIVERIES = `
  SELECT delivery_id AS "deliveryId", sku, quantity FROM deliveries WHERE delivery_id = ANY ($1::text[])`;

// Not UPDATE ... FROM: for a large batch its join is planned as a scan of the whole table.
const SAVE_RESERVATIONS = `
  INSERT INTO reservations (order_id, status, sequence, lines, events)
  SELECT "orderId", status, sequence, lines, events
  FROM jsonb_to_recordset($1::jsonb) AS new ("orderId" uuid, status text, sequence integer, lines jsonb, events jsonb)
  ON CONFLICT (order_id) DO UPDATE SET
    status = excluded.status, sequence = excluded.sequence, lines = excluded.lines,
    events = reservations.events || excluded.events, updated_at = now()`;

// Without the lines, which may be thousands and never change: PostgreSQL keeps the stored ones where they are.
const SAVE_STATUS = `
  INSERT INTO reservations (order_id, status, sequence, events)
  SELECT "orderId", status, sequence, events
  FROM jsonb_to_recordset($1::jsonb) AS new ("orderId" uuid, status text, sequence integer, events jsonb)
  ON CONFLICT (order_id) DO UPDATE SET
    status = excluded.status, sequence = excluded.sequence, events = reservations.events || excluded.events,
    updated_at = now()`;

const SAVE_STOCK = `
  INSERT INTO stock (sku, name, price_minor, currency, on_hand, reserved, committed, sequence)
  SELECT sku, name, "priceMinor", currency, "onHand", reserved, committed, sequence
  FROM jsonb_to_recordset($1::jsonb) AS new (sku text, name text, "priceMinor" bigint, currency text,
       "onHand" integer, reserved integer, committed integer, sequence integer)
  ON CONFLICT (sku) DO UPDATE SET
    name = excluded.name, price_minor = excluded.price_minor, currency = excluded.currency, on_hand = excluded.on_hand,
    reserved = excluded.reserved, committed = excluded.committed, sequence = excluded.sequence`;

// Half the work of the statement above. The planner knows the length of arrays, and the table does not grow with orders.
const SAVE_QUANTITIES = `
  UPDATE stock SET on_hand = new.on_hand, reserved = new.reserved, committed = new.committed
  FROM unnest($1::text[], $2::integer[], $3::integer[], $4::integer[]) AS new (sku, on_hand, reserved, committed)
  WHERE stock.sku = new.sku`;

const SAVE_DELIVERIES = `
  INSERT INTO deliveries (delivery_id, sku, quantity)
  SELECT "deliveryId", sku, quantity
  FROM jsonb_to_recordset($1::jsonb) AS new ("deliveryId" text, sku text, quantity integer)`;
