import type { LetterOverview, Trouble } from '@orderflow/console-api';

/** Orders in trouble: those that are late, and those that something of which is parked. */
export interface TroubledOrders {
  /** Orders that were placed up to then and are not settled; undefined: none is looked for. */
  readonly overdueSince?: Date | undefined;
  readonly orderIds?: readonly string[] | undefined;
}

/** What the services keep of orders that need attention. */
export interface ParkedOrders {
  /** An event of theirs could not be processed. */
  readonly parked: readonly string[];
  /** Something of theirs waits until an operator acts: a parked event whose attempts are used up, or a call. */
  readonly dead: readonly string[];
}

/** The orders that the letters are about, each once. A letter about a product names its SKU, which no order has as its id. */
export function parkedOrders({ groups }: Pick<LetterOverview, 'groups'>): ParkedOrders {
  const letters = groups.flatMap((group) => group.letters);
  const ordersOf = (chosen: typeof letters): string[] => [
    ...new Set(chosen.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]))),
  ];
  return {
    parked: ordersOf(letters.filter(({ kind }) => kind === 'event')),
    dead: ordersOf(letters.filter(({ waitsFor }) => waitsFor === 'person')),
  };
}

/** The orders of one kind of trouble. @param overdueSince undefined where it is not known */
export function troubledOrders(
  trouble: Trouble,
  { parked, dead }: ParkedOrders,
  overdueSince: Date | undefined,
): TroubledOrders {
  switch (trouble) {
    case 'overdue':
      return { overdueSince };
    case 'parked':
      return { orderIds: parked };
    case 'dead':
      return { orderIds: dead };
    case 'any':
      return { overdueSince, orderIds: [...new Set([...parked, ...dead])] };
  }
}
