import type { ServiceTypes, WorkingSet } from '@orderflow/decider';
import {
  type Inventory,
  type InventoryCommand,
  type InventoryEvent,
  type Line,
  noReservation,
  type Reservation,
  type Stock,
} from './inventory.js';

export type InventoryTypes = ServiceTypes<
  'inventory',
  Inventory,
  InventoryCommand,
  InventoryEvent,
  InventoryWorkingSet
>;

export type DeliveryRow = Line & { readonly deliveryId: string };

/** The state of one batch: reservations by order, stock by SKU, deliveries by id. Many commands share a product. */
export class InventoryWorkingSet implements WorkingSet<Inventory, InventoryCommand> {
  private readonly stored: ReadonlyMap<string, Reservation>;
  private readonly reservations: Map<string, Reservation>;
  private readonly storedStock: ReadonlyMap<string, Stock>;
  private readonly stock: Map<string, Stock>;
  private readonly deliveries: Map<string, Line>;

  constructor(
    private readonly loaded: {
      reservations: readonly Reservation[];
      stock: readonly Stock[];
      deliveries: readonly DeliveryRow[];
    },
  ) {
    this.stored = byKey(loaded.reservations, ({ orderId }) => orderId);
    this.reservations = new Map(this.stored);
    this.storedStock = byKey(loaded.stock, ({ sku }) => sku);
    this.stock = new Map(this.storedStock);
    this.deliveries = byKey(loaded.deliveries, ({ deliveryId }) => deliveryId);
  }

  get(command: InventoryCommand): Inventory {
    const reservation = this.reservations.get(orderOf(command)) ?? noReservation(orderOf(command));
    const skus = skusOf(command, reservation);
    return {
      reservation,
      stock: new Map(skus.flatMap((sku) => (this.stock.has(sku) ? [[sku, this.stock.get(sku)!]] : []))),
      delivery: 'deliveryId' in command ? this.deliveries.get(command.deliveryId) : undefined,
    };
  }

  set(command: InventoryCommand, { reservation, stock, delivery }: Inventory): void {
    if ('orderId' in command) this.reservations.set(orderOf(command), reservation);
    for (const [sku, product] of stock) this.stock.set(sku, product);
    if ('deliveryId' in command && delivery) this.deliveries.set(command.deliveryId, delivery);
  }

  changedReservations(): Reservation[] {
    return changed(this.loaded.reservations, this.reservations);
  }

  /** Whether its lines are not the stored ones. */
  hasNewLines(reservation: Reservation): boolean {
    const stored = this.stored.get(reservation.orderId);
    return linesOf(reservation) !== (stored && linesOf(stored));
  }

  changedStock(): Stock[] {
    return changed(this.loaded.stock, this.stock);
  }

  /** Whether the product is new, or its name or price has changed; else only quantities have. */
  isDefinedAnew({ sku, sequence }: Stock): boolean {
    return this.storedStock.get(sku)?.sequence !== sequence;
  }

  newDeliveries(): DeliveryRow[] {
    const known = new Set(this.loaded.deliveries.map(({ deliveryId }) => deliveryId));
    return [...this.deliveries].flatMap(([deliveryId, line]) =>
      known.has(deliveryId) ? [] : [{ ...line, deliveryId }],
    );
  }
}

export const orderOf = (command: InventoryCommand): string => ('orderId' in command ? command.orderId : '');

/** The SKUs of a command: its own, or those reserved for its order. */
export function skusOf(command: InventoryCommand, reservation: Reservation | undefined): string[] {
  if ('sku' in command) return [command.sku];
  if ('lines' in command) return command.lines.map(({ sku }) => sku);
  return reservation && 'lines' in reservation ? reservation.lines.map(({ sku }) => sku) : [];
}

const linesOf = (reservation: Reservation): readonly Line[] | undefined =>
  'lines' in reservation ? reservation.lines : undefined;

const byKey = <T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T> =>
  new Map(rows.map((row) => [keyOf(row), row]));

function changed<T>(before: readonly T[], after: ReadonlyMap<string, T>): T[] {
  const asLoaded = new Set(before);
  return [...after.values()].filter((state) => !asLoaded.has(state));
}
