import { isEventType, subjectKindOf } from '@orderflow/contracts';

// A type that is not known here is that of a dead letter, and those belong to orders.
const isOfProduct = (type: string | undefined): boolean =>
  type !== undefined && isEventType(type) && subjectKindOf(type) === 'product';

/** The attribute of a span that names the subject of an event. */
export const subjectAttribute = (type: string | undefined, subject: string): Record<string, string> => ({
  [isOfProduct(type) ? 'orderflow.product.sku' : 'orderflow.order.id']: subject,
});

/** The field of a log line that names the subject of an event. */
export const subjectField = (type: string | undefined, subject: string): Record<string, string> => ({
  [isOfProduct(type) ? 'sku' : 'orderId']: subject,
});
