import { describe, expect, it } from '@jest/globals';
import { type Event, type EventBody, eventsOf } from '@orderflow/contracts';
import { anEvent } from '@orderflow/testing';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { newPayment, type Payment, type PaymentCommand } from './domain/payment.js';
import { takeBack } from './recovery.js';
import { effects, reactions } from './saga.js';

const AMOUNT = 1900;
const bill = { amountMinor: AMOUNT, currency: 'EUR', token: 'tok_visa' };

/** One order at payments, with a provider that gives each key the same answer. */
class Scenario {
  readonly published: { body: EventBody; sequence: number }[] = [];
  readonly keys: string[] = [];
  payment: Payment;

  constructor(
    private readonly orderId: string,
    private readonly declines: boolean,
  ) {
    this.payment = newPayment(orderId);
  }

  /** @returns the provider's answers to the calls that follow */
  handle(command: PaymentCommand): PaymentCommand[] {
    const answers: PaymentCommand[] = [];
    for (const event of decide(command, this.payment)) {
      this.payment = evolve(this.payment, event);
      for (const effect of effects(event, this.payment)) {
        if ('publish' in effect) this.published.push({ body: effect.publish, sequence: effect.sequence });
        if ('call' in effect) answers.push(this.answerTo(effect.call));
      }
    }
    return answers;
  }

  sum(type: 'PaymentCaptured' | 'PaymentRefunded'): number {
    return this.published.reduce((sum, { body }) => sum + (body.type === type ? body.data.amountMinor : 0), 0);
  }

  private answerTo({ key, kind }: { key: string; kind: string }): PaymentCommand {
    this.keys.push(key);
    const { orderId } = this;
    if (kind === 'refund') return { type: 'RecordRefund', orderId, refund: { refundId: 're_1', isElsewhere: false } };
    if (this.declines) return { type: 'RecordDecline', orderId, code: 'card_declined' };
    return { type: 'RecordCapture', orderId, chargeId: 'ch_1' };
  }
}

/** Each command arrives `copies` times; `picks` choose the next one of those under way. */
function run(scenario: Scenario, inputs: readonly PaymentCommand[], copies: number, picks: readonly number[]): void {
  const repeated = (commands: readonly PaymentCommand[]) => Array.from({ length: copies }, () => commands).flat();
  const underWay = repeated(inputs);
  for (let turn = 0; underWay.length > 0; turn += 1) {
    const [next] = underWay.splice((picks[turn % picks.length] ?? 0) % underWay.length, 1);
    underWay.push(...repeated(scenario.handle(next!)));
  }
}

const schedule = fc.record({
  copies: fc.integer({ min: 1, max: 3 }),
  picks: fc.array(fc.nat(100), { minLength: 1, maxLength: 24 }),
  declines: fc.boolean(),
});

const commandsOf = (orderId: string): Record<'placed' | 'reserved' | 'cancelled', PaymentCommand> => ({
  placed: { type: 'NotePlaced', orderId, bill },
  reserved: { type: 'NoteReserved', orderId },
  cancelled: { type: 'CancelPayment', orderId, cancelledBy: 'event-1' },
});

describe('in any order and number of its inputs', () => {
  it('a cancelled order costs nothing in the end', () => {
    fc.assert(
      fc.property(schedule, fc.boolean(), ({ copies, picks, declines }, isReserved) => {
        const orderId = randomUUID();
        const { placed, reserved, cancelled } = commandsOf(orderId);
        const scenario = new Scenario(orderId, declines);
        run(scenario, isReserved ? [placed, reserved, cancelled] : [placed, cancelled], copies, picks);
        expect(scenario.sum('PaymentCaptured') - scenario.sum('PaymentRefunded')).toBe(0);
        expect(['voided', 'declined', 'refunded']).toContain(scenario.payment.status);
      }),
      { numRuns: 2_000 },
    );
  });

  it('an order that is not cancelled is captured once, or declined', () => {
    fc.assert(
      fc.property(schedule, ({ copies, picks, declines }) => {
        const orderId = randomUUID();
        const { placed, reserved } = commandsOf(orderId);
        const scenario = new Scenario(orderId, declines);
        run(scenario, [placed, reserved], copies, picks);
        expect(scenario.sum('PaymentCaptured')).toBe(declines ? 0 : AMOUNT);
        expect(scenario.payment.status).toBe(declines ? 'declined' : 'captured');
      }),
      { numRuns: 1_000 },
    );
  });

  it('the provider is called once per key, and the sequence of published events has no gap', () => {
    fc.assert(
      fc.property(schedule, ({ copies, picks, declines }) => {
        const orderId = randomUUID();
        const scenario = new Scenario(orderId, declines);
        run(scenario, Object.values(commandsOf(orderId)), copies, picks);
        expect(new Set(scenario.keys).size).toBe(scenario.keys.length);
        expect(scenario.published.map(({ sequence }) => sequence)).toEqual(
          scenario.published.map((_, index) => index + 1),
        );
        for (const { body } of scenario.published) expect(eventsOf('payments')).toContain(body.type);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the refund of a late capture', () => {
  it('has the cancellation as its cause, not the capture', () => {
    const orderId = randomUUID();
    const { placed, reserved } = commandsOf(orderId);
    const cancelled = reactions.OrderCancelled({ id: 'event-9', subject: orderId } as Event<'OrderCancelled'>);
    const past = [placed, reserved, cancelled].reduce<Payment>(
      (payment, command) => decide(command, payment).reduce(evolve, payment),
      newPayment(orderId),
    );
    const [, refundRequested] = decide({ type: 'RecordCapture', orderId, chargeId: 'ch_1' }, past);
    expect(effects(refundRequested!, past)).toEqual([
      { call: expect.objectContaining({ key: `refund-${orderId}`, kind: 'refund' }), causationId: 'event-9' },
    ]);
  });
});

describe('an event that payments published and its restored database does not hold', () => {
  const orderId = randomUUID();
  const money = { amountMinor: AMOUNT, currency: 'EUR' };
  const captured = anEvent('PaymentCaptured', { subject: orderId, sequence: 1, data: { ...money, chargeId: 'ch_1' } });
  const refunded = anEvent('PaymentRefunded', { subject: orderId, sequence: 2, data: { ...money, refundId: 're_1' } });
  const after = (payment: Payment, ...events: readonly { readonly type: string }[]): Payment =>
    events.reduce<Payment>(
      (now, event) => takeBack.eventsOf(event as never, now).reduce((state, one) => evolve(state, one), now),
      payment,
    );
  const cancelling = (): Payment => ({ orderId, sequence: 0, status: 'cancelling', money, cancelledBy: 'c' });

  it('leads to the state that it led to, with its number', () => {
    expect(after(newPayment(orderId), captured)).toMatchObject({ status: 'captured', chargeId: 'ch_1', sequence: 1 });
    expect(after(newPayment(orderId), captured, refunded)).toMatchObject({
      status: 'refunded',
      refund: { refundId: 're_1', isElsewhere: false },
      sequence: 2,
    });
  });

  it('requests the refund of a capture whose cancellation was consumed before', () => {
    expect(after(cancelling(), captured)).toMatchObject({ status: 'refunding', chargeId: 'ch_1', sequence: 1 });
    expect(after(cancelling(), captured, refunded)).toMatchObject({ status: 'refunded', sequence: 2 });
  });

  it('was perhaps not published: a reservation that is decided first leads to the charge again, whatever is consumed then', () => {
    const { placed, reserved } = commandsOf(orderId);
    const cancelled = reactions.OrderCancelled({ id: 'event-9', subject: orderId } as Event<'OrderCancelled'>);
    const stateAfter = (...commands: PaymentCommand[]) =>
      commands.reduce<Payment>((now, command) => decide(command, now).reduce(evolve, now), newPayment(orderId));
    // The cancellation overtakes the reservation: payments would not ask the provider.
    expect(stateAfter(placed, cancelled, reserved)).toMatchObject({ status: 'voided' });
    expect(takeBack.decidedFirst).toEqual(['StockReserved']);
    expect(stateAfter(reserved, placed, cancelled, reserved)).toMatchObject({ status: 'cancelling' });
    expect(stateAfter(placed, reserved, placed, cancelled, reserved)).toMatchObject({ status: 'cancelling' });
  });

  it('is followed by no second charge when its order is consumed again', () => {
    const payment = after(newPayment(orderId), captured);
    expect(decide({ type: 'NotePlaced', orderId, bill }, payment)).toEqual([]);
    expect(decide({ type: 'NoteReserved', orderId }, payment)).toEqual([]);
  });
});
