import type { Effect, MessageContext } from '@orderflow/decider';
import { wantTrace } from '@orderflow/telemetry';
import type { Incoming } from './incoming.js';

// Enough to follow in a trace view; a batch may hold 500.
const MOST_LINKS = 50;

/** The span of a batch is a child of its first message, and linked to the others. */
export function spanOf(batch: readonly Incoming<unknown>[]) {
  const [first, ...others] = batch.flatMap((incoming) => (incoming.kind === 'undecodable' ? [] : [incoming.context]));
  return {
    traceparent: first?.traceparent,
    tracestate: first?.tracestate,
    links: others.slice(0, MOST_LINKS).map(({ traceparent }) => traceparent),
    attributes: { 'messaging.batch.message_count': batch.length },
  };
}

/** Marks the trace as wanted where an effect requires it, so that every later span of the subject is kept. */
export const tracedOn = (context: MessageContext, effects: readonly Effect[]): MessageContext =>
  effects.some((effect) => 'ending' in effect && effect.wantTrace)
    ? { ...context, traceparent: wantTrace(context.traceparent) }
    : context;
