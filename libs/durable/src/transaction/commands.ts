import type { ServiceTypes } from '@orderflow/decider';
import { randomUUID } from 'node:crypto';
import { currentTraceparent, type OpenSpan, type TraceContext, traceIdOf, withSpan } from '@orderflow/telemetry';
import type { ConsumerDefinition } from '../definition/service-definition.js';
import type { Dependencies } from '../definition/dependencies.js';
import type { Sql } from '../store/sql.js';
import { Batcher } from './batcher.js';
import { type AfterCommit, CommandHandler } from './command-handler.js';
import type { Done, Incoming, Outcome } from './incoming.js';

/** The one way to the command handler: requests, events, deadlines and answers share its transactions. */
export class Commands<T extends ServiceTypes = ServiceTypes, Tx = Sql> {
  /** For dry runs, which run its transaction and roll it back. */
  readonly handler: CommandHandler<T, Tx>;
  private readonly batcher: Batcher<Incoming<T['command']>, Outcome<T['state']>>;

  constructor(
    definition: ConsumerDefinition<T, Tx>,
    private readonly dependencies: Pick<Dependencies<Tx>, 'store' | 'codec' | 'settings' | 'clock' | 'log' | 'onFatal'>,
    afterCommit?: AfterCommit,
  ) {
    this.handler = new CommandHandler(definition, dependencies, afterCommit);
    this.batcher = new Batcher(this.handler, dependencies.clock);
  }

  /**
   * @param isAlone whether it gets a transaction of its own
   * @returns the outcome once it is committed. @throws TransientError when it was not, or the outcome is unknown
   */
  submit(incoming: Incoming<T['command']>, isAlone = false): Promise<Outcome<T['state']>> {
    return this.batcher.submit(incoming, isAlone);
  }

  /**
   * Executes the command of a request.
   * @param from.traceparent the trace to continue, with its tracestate; by default the active one
   * @param from.correlationId the request that began the story, where it is not this one
   * @returns the state just after the command and how many events it led to, once it is committed
   * @throws BrokenRule when it is refused, TransientError when it was not committed or the outcome is unknown
   */
  async execute(
    command: T['command'],
    from: Partial<TraceContext> & { readonly correlationId?: string } = {},
  ): Promise<Done<T['state']>> {
    const id = randomUUID();
    const active = currentTraceparent();
    const { traceparent = active, tracestate, correlationId = id } = from;
    const submit = (span: { traceparent: string }) => {
      const at = new Date(this.dependencies.clock.now());
      const context = { id, correlationId, traceparent: span.traceparent, tracestate, at };
      return this.submit({ kind: 'command', command, context });
    };
    if (traceIdOf(traceparent) === traceIdOf(active)) return doneOf(await submit({ traceparent }));
    // The request has a trace of its own; the story that it continues has another one.
    const options = { traceparent, tracestate, links: [active] };
    return withSpan('request', options, async (span) => doneOf(await submit(span), span));
  }

  /** Resolves when nothing is in flight and the connection is closed. */
  async stop(): Promise<void> {
    await this.batcher.idle();
    await this.handler.end();
  }
}

function doneOf<State>(outcome: Outcome<State>, span?: OpenSpan): Done<State> {
  if (outcome.kind !== 'done')
    throw outcome.kind === 'refused' ? outcome.error : new Error(`a request ended as ${outcome.kind}`);
  if (outcome.ending !== undefined) span?.set({ 'orderflow.outcome': outcome.ending });
  return outcome;
}
