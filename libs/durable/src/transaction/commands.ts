import { randomUUID } from 'node:crypto';
import { currentTraceparent, type OpenSpan, traceIdOf, withSpan } from '@orderflow/telemetry';
import { type Clock, systemClock } from '../base/clock.js';
import type { Incoming, Outcome } from '../definition/service.js';

/** The way in for requests: what they ask for shardLocks the transaction with all that arrives at the same time. */
export class Commands<State, Command> {
  constructor(
    private readonly submit: (incoming: Incoming<Command>) => Promise<Outcome<State>>,
    private readonly clock: Clock = systemClock,
  ) {}

  /**
   * @param from.traceparent the trace to go on with; the active one unless said otherwise
   * @param from.correlationId the request that began it all, where this is not the first one
   * @returns the state just after the command, once it is committed
   * @throws BrokenRule when it is refused, TransientError when it could not be committed or nobody knows
   */
  async ask(command: Command, from: { traceparent?: string; correlationId?: string } = {}): Promise<State> {
    const id = randomUUID();
    const active = currentTraceparent();
    const { traceparent = active, correlationId = id } = from;
    const ask = (span: { traceparent: string }) =>
      this.submit({
        kind: 'command',
        command,
        context: { id, correlationId, traceparent: span.traceparent, at: new Date(this.clock.now()) },
      });
    if (traceIdOf(traceparent) === traceIdOf(active)) return stateOf(await ask({ traceparent }));
    // The request has a trace of its own, the story that it goes on with another one.
    return withSpan('request', { traceparent, links: [active] }, async (span) => stateOf(await ask(span), span));
  }
}

function stateOf<State>(outcome: Outcome<State>, span?: OpenSpan): State {
  if (outcome.kind !== 'done')
    throw outcome.kind === 'refused' ? outcome.error : new Error(`a request ended as ${outcome.kind}`);
  if (outcome.ending !== undefined) span?.set({ 'orderflow.outcome': outcome.ending });
  return outcome.state;
}
