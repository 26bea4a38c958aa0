import { describe, expect, it } from '@jest/globals';
import { type EventBody, eventsOf } from '@orderflow/contracts';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { decide } from './domain/decide.js';
import { evolve } from './domain/evolve.js';
import { newPayment, type Payment, type PaymentCommand } from './domain/payment.js';
import { effects } from './saga.js';

const AMOUNT = 1900;
const bill = { amountMinor: AMOUNT, currency: 'EUR', token: 'tok_visa' };

/** One order at payments, with a provider that answers each key with the same, as often as the schedule lets it. */
class World {
  readonly said: { body: EventBody; sequence: number }[] = [];
  readonly keys: string[] = [];
  payment: Payment;

  constructor(
    private readonly orderId: string,
    private readonly declines: boolean,
  ) {
    this.payment = newPayment(orderId);
  }

  /** @returns the answers that it leads to */
  handle(command: PaymentCommand): PaymentCommand[] {
    const answers: PaymentCommand[] = [];
    for (const event of decide(command, this.payment)) {
      this.payment = evolve(this.payment, event);
      for (const effect of effects(event, this.payment)) {
        if ('publish' in effect) this.said.push({ body: effect.publish, sequence: effect.sequence });
        if ('call' in effect) answers.push(this.answerTo(effect.call));
      }
    }
    return answers;
  }

  sum(type: 'PaymentCaptured' | 'PaymentRefunded'): number {
    return this.said.reduce((sum, { body }) => sum + (body.type === type ? body.data.amountMinor : 0), 0);
  }

  private answerTo({ key, kind }: { key: string; kind: string }): PaymentCommand {
    this.keys.push(key);
    const { orderId } = this;
    if (kind === 'refund') return { type: 'RecordRefund', orderId, refundId: 're_1' };
    if (this.declines) return { type: 'RecordDecline', orderId, code: 'card_declined' };
    return { type: 'RecordCapture', orderId, chargeId: 'ch_1' };
  }
}

/** Every command arrives `copies` times; `picks` say which of those that are on their way comes next. */
function run(world: World, inputs: readonly PaymentCommand[], copies: number, picks: readonly number[]): void {
  const repeated = (commands: readonly PaymentCommand[]) => Array.from({ length: copies }, () => commands).flat();
  const underWay = repeated(inputs);
  for (let turn = 0; underWay.length > 0; turn += 1) {
    const [next] = underWay.splice((picks[turn % picks.length] ?? 0) % underWay.length, 1);
    underWay.push(...repeated(world.handle(next!)));
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
  cancelled: { type: 'CancelPayment', orderId },
});

describe('whatever the order and the number of its inputs', () => {
  it('a cancelled order costs nothing in the end', () => {
    fc.assert(
      fc.property(schedule, fc.boolean(), ({ copies, picks, declines }, isReserved) => {
        const orderId = randomUUID();
        const { placed, reserved, cancelled } = commandsOf(orderId);
        const world = new World(orderId, declines);
        run(world, isReserved ? [placed, reserved, cancelled] : [placed, cancelled], copies, picks);
        expect(world.sum('PaymentCaptured') - world.sum('PaymentRefunded')).toBe(0);
        expect(['voided', 'declined', 'refunded']).toContain(world.payment.status);
      }),
      { numRuns: 2_000 },
    );
  });

  it('an order that is not cancelled is paid once, or declined', () => {
    fc.assert(
      fc.property(schedule, ({ copies, picks, declines }) => {
        const orderId = randomUUID();
        const { placed, reserved } = commandsOf(orderId);
        const world = new World(orderId, declines);
        run(world, [placed, reserved], copies, picks);
        expect(world.sum('PaymentCaptured')).toBe(declines ? 0 : AMOUNT);
        expect(world.payment.status).toBe(declines ? 'declined' : 'captured');
      }),
      { numRuns: 1_000 },
    );
  });

  it('the provider is asked once per key, and what is said is numbered without a gap', () => {
    fc.assert(
      fc.property(schedule, ({ copies, picks, declines }) => {
        const orderId = randomUUID();
        const world = new World(orderId, declines);
        run(world, Object.values(commandsOf(orderId)), copies, picks);
        expect(new Set(world.keys).size).toBe(world.keys.length);
        expect(world.said.map(({ sequence }) => sequence)).toEqual(world.said.map((_, index) => index + 1));
        for (const { body } of world.said) expect(eventsOf('payments')).toContain(body.type);
      }),
      { numRuns: 1_000 },
    );
  });
});
