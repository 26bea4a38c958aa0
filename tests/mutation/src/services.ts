import type { Mutant } from './mutant.ts';

const payment = 'apps/payments/src/domain/payment.spec.ts';
const paymentSaga = 'apps/payments/src/saga.spec.ts';
const paymentTable = 'apps/payments/test/payment-repository.int.spec.ts';
const inventory = 'apps/inventory/src/domain/inventory.spec.ts';
const inventoryTables = 'apps/inventory/test/inventory-repository.int.spec.ts';
const order = 'apps/orders/src/domain/order.spec.ts';
const orderTables = 'apps/orders/test/order-repository.int.spec.ts';
const notice = 'apps/notifications/src/domain/notice.spec.ts';

/** What each service guards. */
export const services: readonly Mutant[] = [
  {
    guard: 'payments: the row of an order is locked',
    file: 'apps/payments/src/adapters/payment-repository.ts',
    edits: [['ORDER BY order_id FOR UPDATE`', 'ORDER BY order_id`']],
    check: {
      file: paymentTable,
      name: 'loses neither of them where the row exists already, by its lock',
    },
    says: 'charging',
  },
  {
    guard: 'payments: a row that is missing is inserted before it is locked',
    file: 'apps/payments/src/adapters/payment-repository.ts',
    edits: [
      [
        'sql.query(INSERT_MISSING, orderIds), sql.query<PaymentRow>(LOCK, orderIds)',
        'undefined, sql.query<PaymentRow>(LOCK, orderIds)',
      ],
      [
        'if (changed.length > 0) await',
        'if (changed.length > 0) await sql.query(INSERT_MISSING, [changed.map(([id]) => id)]);\n    if (changed.length > 0) await',
      ],
    ],
    check: { file: paymentTable, name: 'loses neither of two events of one order that two instances consume at once' },
    says: 'charging',
  },
  {
    guard: 'payments: rows are locked in the order of their keys',
    file: 'apps/payments/src/adapters/payment-repository.ts',
    edits: [
      ['ORDER BY order_id FOR UPDATE`', 'ORDER BY md5(order_id::text || pg_backend_pid()) FOR UPDATE`'],
      ['SELECT id FROM unnest($1::uuid[]) AS id ORDER BY id', 'SELECT id FROM unnest($1::uuid[]) AS id'],
    ],
    check: { file: paymentTable, name: 'does not deadlock batches that share orders in different order' },
    says: 'deadlock detected',
  },
  {
    guard: 'payments: the provider gets the key of the call',
    file: 'apps/payments/src/adapters/payment-provider.ts',
    edits: [["'idempotency-key': key", "'idempotency-key': `${key}-${Math.random()}`"]],
    check: { file: 'apps/payments/src/adapters/payment-provider.spec.ts', name: 'charges with the key of the call' },
    says: 'toMatchObject',
  },
  {
    guard: 'payments: a failure of the provider is no answer',
    file: 'apps/payments/src/adapters/payment-provider.ts',
    edits: [
      [
        'throw this.unknownOutcome(answer.statusCode, `${path} ${key}`);',
        "return { status: 'declined', declineCode: 'unknown' } as Answer;",
      ],
    ],
    check: { file: 'apps/payments/src/adapters/payment-provider.spec.ts', name: 'takes no failure for an answer' },
    says: 'resolved instead of rejected',
  },
  {
    guard: 'payments: a capture that comes after the cancellation is refunded',
    file: 'apps/payments/src/domain/decide.ts',
    edits: [["        { type: 'RefundRequested', data, cancelledBy },\n", '']],
    check: { file: paymentSaga, name: 'a cancelled order costs nothing in the end' },
    says: 'toBe',
  },
  {
    guard: 'payments: a cancellation refunds what was captured',
    file: 'apps/payments/src/domain/decide.ts',
    edits: [
      [
        "    case 'captured':\n      return [{ type: 'RefundRequested', data: { chargeId: payment.chargeId, ...payment.money }, cancelledBy }];",
        "    case 'captured':\n      return [];",
      ],
    ],
    check: { file: paymentSaga, name: 'a cancelled order costs nothing in the end' },
    says: 'toBe',
  },
  {
    guard: 'payments: a cancelled order is never charged, whatever comes later',
    file: 'apps/payments/src/domain/decide.ts',
    edits: [
      [
        "if (known || payment.status !== 'awaiting') return [];",
        "if (known || (payment.status !== 'awaiting' && payment.status !== 'voided')) return [];",
      ],
      ['return [payment.reserved ?', "return [payment.status !== 'awaiting' || payment.reserved ?"],
    ],
    check: { file: payment, name: 'is never requested after the order was cancelled' },
    says: 'ChargeRequested',
  },
  {
    guard: 'payments: a charge is requested once',
    file: 'apps/payments/src/domain/decide.ts',
    edits: [
      [
        "if (payment.status !== 'awaiting' || payment.reserved) return [];",
        "if (payment.status === 'charging') return [{ type: 'ChargeRequested', data: { ...payment.money, token: '' } }];\n  if (payment.status !== 'awaiting' || payment.reserved) return [];",
      ],
    ],
    check: {
      file: paymentSaga,
      name: 'the provider is called once per key, and the sequence of published events has no gap',
    },
    says: 'toBe',
  },
  {
    guard: 'inventory: the rows of the stock are locked',
    file: 'apps/inventory/src/adapters/inventory-repository.ts',
    edits: [['ORDER BY sku FOR UPDATE`', 'ORDER BY sku`']],
    check: { file: inventoryTables, name: 'sell the last unit once' },
    says: 'expect',
  },
  {
    guard: 'inventory: a cancellation releases the reservation',
    file: 'apps/inventory/src/domain/decide.ts',
    edits: [
      [
        "    case 'reserved':\n      return [{ type: 'StockReleased', data: { lines: reservation.lines } }];",
        "    case 'reserved':\n      return [];",
      ],
    ],
    check: { file: inventory, name: 'releases its reservation' },
    says: 'StockReleased',
  },
  {
    guard: 'inventory: a cancellation that overtakes the order forbids the reservation',
    file: 'apps/inventory/src/domain/decide.ts',
    edits: [["return [{ type: 'ReservationForbidden' }];", 'return [];']],
    check: { file: inventory, name: 'forbids the reservation when it overtakes OrderPlaced' },
    says: 'ReservationForbidden',
  },
  {
    guard: 'inventory: an order is answered once',
    file: 'apps/inventory/src/domain/decide.ts',
    edits: [["if (status !== 'none') return [];", "if (status === 'rejected') return [];"]],
    check: { file: inventory, name: 'is answered once' },
    says: 'toEqual',
  },
  {
    guard: 'inventory: a delivery is booked once',
    file: 'apps/inventory/src/domain/decide.ts',
    edits: [['if (booked?.sku === sku && booked.quantity === quantity) return [];', 'booked = undefined;']],
    check: { file: inventory, name: 'is booked once' },
    says: 'toEqual',
  },
  {
    guard: 'orders: the version of an event is unique in its order',
    file: 'apps/orders/src/adapters/order-repository.ts',
    edits: [
      [
        'time timestamptz, correlation_id text, causation_id text, traceparent text)`',
        'time timestamptz, correlation_id text, causation_id text, traceparent text) ON CONFLICT DO NOTHING`',
      ],
    ],
    check: {
      file: orderTables,
      name: 'lets one of two instances place an order, and the other finds it when it retries',
    },
    says: 'resolved instead of rejected',
  },
  {
    guard: 'orders: the first of confirmation and cancellation wins',
    file: 'apps/orders/src/domain/decide.ts',
    edits: [
      [
        "  if (order.status !== 'placed') return [];\n  return [{ type: 'OrderCancelled', orderId, data: { email: order.email, reason } }];",
        "  if (order.status === 'cancelled') return [];\n  return [{ type: 'OrderCancelled', orderId, data: { email: order.email, reason } }];",
      ],
    ],
    check: { file: order, name: 'changes nothing when the order is over' },
    says: 'toEqual',
  },
  {
    guard: 'orders: the same Idempotency-Key with another body is refused',
    file: 'apps/orders/src/domain/decide.ts',
    edits: [['if (order.fingerprint === fingerprintOf(command)) return [];', 'if (order.fingerprint) return [];']],
    check: { file: 'apps/orders/src/http/orders-http.spec.ts', name: 'refuses the same key with another body' },
    says: '422',
  },
  {
    guard: 'orders: the same Idempotency-Key is the same order',
    file: 'apps/orders/src/http/order-id.ts',
    edits: [['if (idempotencyKey === undefined) return', 'if (idempotencyKey !== "") return']],
    check: {
      file: 'apps/orders/src/http/orders-http.spec.ts',
      name: 'gives the same answer to the same key and body, also after the order is over',
    },
    says: 'toEqual',
  },
  {
    guard: 'orders: a price is never overwritten by an older one',
    file: 'apps/orders/src/adapters/prices.ts',
    edits: [['       WHERE price_list.sequence < excluded.sequence`', '`']],
    check: { file: orderTables, name: 'never overwrites a newer price, even when an instance is late' },
    says: '940',
  },
  {
    guard: 'orders: the view drops an event that it contains',
    file: 'apps/orders/src/domain/order-view.ts',
    edits: [['event.sequence > view.sequences[event.source]', 'view.sequences[event.source] >= 0']],
    check: { file: 'apps/orders/src/domain/order-view.spec.ts', name: 'drops an event that it contains' },
    says: 'toEqual',
  },
  {
    guard: 'orders: a view that two instances create at once loses nothing',
    file: 'apps/orders/src/adapters/view-repository.ts',
    edits: [['insertViews(sql, fresh), ', "insertViews(sql, fresh, 'ON CONFLICT DO NOTHING'), "]],
    check: {
      file: 'apps/orders/test/order-views.int.spec.ts',
      name: 'loses nothing when two instances create a view at once',
    },
    says: 'expect',
  },
  {
    guard: 'notifications: one mail per order and template',
    file: 'apps/notifications/src/domain/decide.ts',
    edits: [
      [
        "  if (notices.mails['order-confirmed']) return [];\n  if (notices.mails['order-cancelled']",
        "  if (notices.mails['order-cancelled']",
      ],
    ],
    check: { file: notice, name: 'gets one mail, however often its events arrive' },
    says: 'toEqual',
  },
  {
    guard: 'notifications: the row of an order is locked',
    file: 'apps/notifications/src/adapters/notice-repository.ts',
    edits: [['ORDER BY order_id FOR UPDATE`', 'ORDER BY order_id`']],
    check: {
      file: 'apps/notifications/test/notices.int.spec.ts',
      name: 'loses neither of them where the row exists already, by its lock',
    },
    says: 'expect',
  },
  {
    guard: 'logs: nothing in a line ends it or is obeyed by a terminal',
    file: 'libs/telemetry/src/mask.ts',
    edits: [['.replace(CONTROLS, escaped)', '']],
    check: { file: 'libs/telemetry/src/logger.spec.ts', name: 'escapes every control sequence of a terminal' },
    says: 'expect',
  },
  {
    guard: 'logs: secrets are masked',
    file: 'libs/telemetry/src/mask.ts',
    edits: [['.replace(SECRET_KEY, \'$1"***"\')', '']],
    check: { file: 'libs/telemetry/src/logger.spec.ts', name: 'masks passwords in URLs and the values of secret keys' },
    says: 'expect',
  },
];
