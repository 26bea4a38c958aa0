import type { MessageContext, Effect } from '@orderflow/decider';
import type { OutgoingRecord } from '@orderflow/kafka';
import { v7 as uuidv7 } from 'uuid';
import { inboxId } from '../inbox/inbox.js';
import type { PendingCall } from '../calls/external-calls.js';
import type { ToPark } from '../parking/parking.js';
import type {
  IncomingCommand,
  RecordedEvent,
  IncomingEvent,
  Incoming,
  Outcome,
  ParkedKind,
  UndecodableRecord,
} from '../definition/service.js';

type Due = { at: Date; context: MessageContext } | undefined;

/** What one command leads to; it joins the batch's work only when all of it went well. */
class Step<State, Event> {
  readonly happened: RecordedEvent<Event, State>[] = [];
  readonly records: OutgoingRecord[] = [];
  readonly calls: PendingCall[] = [];
  readonly deadlines: [subject: string, due: Due][] = [];
  ending: { ending?: string } = {};

  constructor(readonly incoming: IncomingCommand<unknown> | IncomingEvent<unknown>) {}

  add(event: Event, state: State, context: MessageContext): RecordedEvent<Event, State> {
    const happened = { id: uuidv7(), event, state, context };
    this.happened.push(happened);
    return happened;
  }

  effect(effect: Exclude<Effect, { publish: unknown }>, context: MessageContext): void {
    if ('call' in effect) this.calls.push({ ...effect.call, context, attempts: 1 });
    else if ('deadline' in effect) this.deadlines.push([effect.deadline.subject, { at: effect.deadline.at, context }]);
    else if ('clearDeadline' in effect) this.deadlines.push([effect.clearDeadline, undefined]);
    else this.ending = { ending: effect.ending };
  }
}

/** All that one batch found and all that it leads to, in memory between load and save. */
export class BatchWork<State, Event, Loaded> {
  readonly happened: RecordedEvent<Event, State>[] = [];
  readonly records: OutgoingRecord[] = [];
  readonly calls: PendingCall[] = [];
  readonly answered: string[] = [];
  readonly deadlines = new Map<string, Due>();
  readonly parked: ToPark[] = [];
  readonly failedAgain: ToPark[] = [];
  readonly unparked: string[] = [];
  private readonly notYetSeen: Set<string>;
  private readonly retried: Map<string, string>;

  /**
   * @param admitted inbox ids that were not there before
   * @param retried parked rows that are ours to try again, and copies that wait behind them: the id under which each stands
   *   in the inbox, by id of the row
   * @param blocked subjects that have something parked
   */
  constructor(
    readonly states: Loaded,
    admitted: ReadonlySet<string>,
    retried: ReadonlyMap<string, string>,
    private readonly blocked: Set<string>,
  ) {
    this.notYetSeen = new Set(admitted);
    this.retried = new Map(retried);
  }

  /** Whether it is to be handled: once for each admitted id, for the same event may stand twice in one batch. */
  isNew(incoming: IncomingEvent<unknown> | UndecodableRecord): boolean {
    const id = inboxId(incoming);
    const isNew = this.notYetSeen.delete(id);
    return incoming.parkedId === undefined ? isNew : this.isOurs(incoming, incoming.parkedId, isNew);
  }

  isBlocked(incoming: IncomingEvent<unknown>): boolean {
    return incoming.parkedId === undefined && this.blocked.has(incoming.subject);
  }

  /** Parks it, or notes that it failed again. What comes later of the same subject in this batch is blocked by it. */
  park(incoming: IncomingEvent<unknown> | UndecodableRecord, why: ParkedKind, reason: string): Outcome<State> {
    if (incoming.parkedId !== undefined) this.failedAgain.push({ incoming, why, reason });
    else this.parked.push({ incoming, why, reason });
    this.blocked.add(incoming.subject);
    return { kind: 'parked', why, reason };
  }

  begin(incoming: Exclude<Incoming<unknown>, UndecodableRecord>): Step<State, Event> {
    return new Step(incoming);
  }

  finish({ incoming, happened, records, calls, deadlines }: Step<State, Event>): void {
    this.happened.push(...happened);
    this.records.push(...records);
    this.calls.push(...calls);
    for (const [subject, due] of deadlines) this.deadlines.set(subject, due);
    if (incoming.kind === 'command' && incoming.answers !== undefined) this.answered.push(incoming.answers);
    if (incoming.kind === 'event' && incoming.parkedId !== undefined) this.unparked.push(incoming.parkedId);
  }

  /** Whether another try is ours to make. */
  private isOurs(incoming: IncomingEvent<unknown> | UndecodableRecord, parkedId: string, isNew: boolean): boolean {
    const parkedAs = this.retried.get(parkedId);
    // Gone meanwhile, or tried in this batch already.
    if (parkedAs === undefined) return false;
    this.retried.delete(parkedId);
    const id = inboxId(incoming);
    // Under its own id it was taken on when it was parked. What cannot be read, or no longer, does not know that id.
    if (isNew || parkedAs === id || incoming.kind === 'undecodable') return true;
    // It could not be read when it was parked, and another copy of the same event was taken on since. Where that one still
    // waits, behind this one and maybe behind later events, it goes: this one stands in its place.
    const waiting = [...this.retried].find(([, eventId]) => eventId === id)?.[0];
    this.unparked.push(waiting ?? parkedId);
    return waiting !== undefined;
  }
}
