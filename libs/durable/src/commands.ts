import { randomUUID } from 'node:crypto';
import { currentTraceparent } from '@orderflow/telemetry';
import type { Incoming, Outcome } from './service.js';

/** The way in for requests: what they ask for shares the transaction with all that arrives at the same time. */
export class Commands<State, Command> {
  constructor(private readonly submit: (incoming: Incoming<Command>) => Promise<Outcome<State>>) {}

  /**
   * @param from.traceparent the trace to go on with; the active one unless said otherwise
   * @param from.correlationId the request that began it all, where this is not the first one
   * @returns the state just after the command, once it is committed
   * @throws BrokenRule when it is refused, WorldIsBad when it could not be committed or nobody knows
   */
  async ask(command: Command, from: { traceparent?: string; correlationId?: string } = {}): Promise<State> {
    const id = randomUUID();
    const { traceparent = currentTraceparent(), correlationId = id } = from;
    const cause = { id, correlationId, traceparent, at: new Date() };
    const outcome = await this.submit({ kind: 'asked', command, cause });
    if (outcome.kind === 'done') return outcome.state;
    throw outcome.kind === 'refused' ? outcome.error : new Error(`a request ended as ${outcome.kind}`);
  }
}
