import { randomUUID } from 'node:crypto';
import { currentTraceparent } from '@orderflow/telemetry';
import type { Incoming, Outcome } from './service.js';

/** The way in for requests: what they ask for shares the transaction with all that arrives at the same time. */
export class Commands<State, Command> {
  constructor(private readonly submit: (incoming: Incoming<Command>) => Promise<Outcome<State>>) {}

  /**
   * @param from.traceparent the request's trace context @param from.id the request's id, where it has one
   * @returns the state just after the command, once it is committed
   * @throws BrokenRule when it is refused, WorldIsBad when it could not be committed or nobody knows
   */
  async ask(command: Command, from: { traceparent?: string; id?: string } = {}): Promise<State> {
    const id = from.id ?? randomUUID();
    const traceparent = from.traceparent ?? currentTraceparent();
    const outcome = await this.submit({
      kind: 'asked',
      command,
      cause: { id, correlationId: id, traceparent, at: new Date() },
    });
    if (outcome.kind === 'done') return outcome.state;
    throw outcome.kind === 'refused' ? outcome.error : new Error(`a request ended as ${outcome.kind}`);
  }
}
