import { BrokenRule, type Effect, type MessageContext, type ServiceTypes } from '@orderflow/decider';
import type { OutgoingRecord } from '@orderflow/kafka';
import { v7 as uuidv7 } from 'uuid';
import type { PendingCall, SettledCall } from '../calls/external-calls.js';
import type { DeadlineChange } from '../deadlines/deadlines.js';
import { inboxId } from '../inbox/inbox.js';
import type { ToPark } from '../parking/parking.js';
import type {
  Incoming,
  IncomingCommand,
  IncomingEvent,
  Outcome,
  ParkedKind,
  RecordedEvent,
  UndecodableRecord,
} from './incoming.js';

/** Why a settlement is refused: another operator was first, or the call is being made or was answered meanwhile. */
export const notADeadLetter = (): BrokenRule =>
  new BrokenRule('the call is no dead letter and does not wait (any more)', 'not-a-dead-letter');

/** Everything that one command leads to; it joins the batch's work only when all of it succeeded. */
class CommandWork<T extends ServiceTypes> {
  readonly recorded: RecordedEvent<T['event'], T['state']>[] = [];
  readonly records: OutgoingRecord[] = [];
  readonly calls: PendingCall[] = [];
  readonly deadlines: [subject: string, change: DeadlineChange][] = [];
  ending: { ending?: string } = {};

  constructor(readonly incoming: IncomingCommand<unknown> | IncomingEvent<unknown>) {}

  add(
    event: T['event'],
    state: T['state'],
    context: MessageContext,
    effects: readonly Effect[],
  ): RecordedEvent<T['event'], T['state']> {
    const published = effects.find((effect) => 'publish' in effect);
    const recorded = { id: uuidv7(), event, state, context, published };
    this.recorded.push(recorded);
    return recorded;
  }

  effect(effect: Exclude<Effect, { publish: unknown }>, context: MessageContext): void {
    if ('call' in effect)
      this.calls.push({ ...effect.call, context: { ...context, id: effect.causationId ?? context.id }, attempts: 1 });
    else if ('deadline' in effect) {
      const { subject, inSeconds } = effect.deadline;
      this.deadlines.push([subject, { inSeconds, context }]);
    } else if ('clearDeadline' in effect) this.deadlines.push([effect.clearDeadline, undefined]);
    else this.ending = { ending: effect.ending };
  }
}

/** The state of one batch in memory, between load and save. */
export class BatchWork<T extends ServiceTypes> {
  readonly recorded: RecordedEvent<T['event'], T['state']>[] = [];
  readonly records: OutgoingRecord[] = [];
  readonly calls: PendingCall[] = [];
  readonly answered: string[] = [];
  readonly settled: SettledCall[] = [];
  readonly deadlines = new Map<string, DeadlineChange>();
  readonly parked: ToPark[] = [];
  readonly failedAgain: ToPark[] = [];
  readonly unparked: string[] = [];
  private readonly notYetSeen: Set<string>;
  private readonly retried: Map<string, string>;

  /**
   * @param admitted inbox ids that were new
   * @param retried the locked parked rows of this batch's retries, and copies of their events further back in the queue: the
   *   inbox id of each, by id of the row
   * @param blocked subjects that have a parked record
   * @param openCalls the locked calls of this batch's settlements that an operator may settle
   */
  constructor(
    admitted: ReadonlySet<string>,
    retried: ReadonlyMap<string, string>,
    private readonly blocked: Set<string>,
    private readonly openCalls: Set<string> = new Set(),
  ) {
    this.notYetSeen = new Set(admitted);
    this.retried = new Map(retried);
  }

  /** Whether it must be handled: once for each admitted id, since a batch may hold the same event twice. */
  isNew(incoming: IncomingEvent<unknown> | UndecodableRecord): boolean {
    const id = inboxId(incoming);
    // guard: an event that is twice in a batch is handled once
    const isNew = this.notYetSeen.delete(id);
    return incoming.parkedId === undefined ? isNew : this.mayRetry(incoming, incoming.parkedId, isNew);
  }

  isBlocked(incoming: IncomingEvent<unknown>): boolean {
    return incoming.parkedId === undefined && this.blocked.has(incoming.subject);
  }

  /** Whether a command may be executed: one of an operator settles an open call, and only the first one does. */
  maySettle({ settledBy, answers = '' }: IncomingCommand<unknown>): boolean {
    // guard: an operator settles only a call that is open to it
    return settledBy === undefined || this.openCalls.has(answers);
  }

  /** Parks it, or notes that its retry failed. Later events of the subject in this batch are blocked by it. */
  park(
    incoming: IncomingEvent<unknown> | UndecodableRecord,
    why: ParkedKind,
    reason: string,
  ): Extract<Outcome<never>, { kind: 'parked' }> {
    const list = incoming.parkedId === undefined ? this.parked : this.failedAgain;
    list.push({ incoming, why, reason, isBehind: this.blocked.has(incoming.subject) });
    this.blocked.add(incoming.subject);
    return { kind: 'parked', why, reason };
  }

  begin(incoming: Exclude<Incoming<unknown>, UndecodableRecord>): CommandWork<T> {
    // guard: nothing of a failed step joins the batch
    return new CommandWork(incoming);
  }

  finish({ incoming, recorded, records, calls, deadlines }: CommandWork<T>): void {
    this.recorded.push(...recorded);
    this.records.push(...records);
    this.calls.push(...calls);
    for (const [subject, change] of deadlines) this.deadlines.set(subject, change);
    if (incoming.kind === 'command') this.finishCall(incoming);
    if (incoming.kind === 'event' && incoming.parkedId !== undefined) this.unparked.push(incoming.parkedId);
  }

  private finishCall({ answers: key, settledBy }: IncomingCommand<unknown>): void {
    if (key === undefined) return;
    if (!settledBy) this.answered.push(key);
    else if (this.openCalls.delete(key)) this.settled.push({ key, ...settledBy });
  }

  private mayRetry(incoming: IncomingEvent<unknown> | UndecodableRecord, parkedId: string, isNew: boolean): boolean {
    const parkedAs = this.retried.get(parkedId);
    // Deleted meanwhile, or retried in this batch already.
    if (parkedAs === undefined) return false;
    this.retried.delete(parkedId);
    const id = inboxId(incoming);
    // The row was admitted under this id when it was parked. An undecodable record has no other id.
    // guard: a parked event that cannot be decoded any more stays parked
    if (isNew || parkedAs === id || incoming.kind === 'undecodable') return true;
    // The record was undecodable when it was parked, and another copy of its event was admitted since. If that copy is still
    // parked, behind this row and perhaps behind later events, the copy is dropped and this row is handled in its place.
    const waiting = [...this.retried].find(([, eventId]) => eventId === id)?.[0];
    this.unparked.push(waiting ?? parkedId);
    // guard: a parked record that can be decoded again is handled in its place
    return waiting !== undefined;
  }
}
