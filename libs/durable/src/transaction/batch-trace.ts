import type { MessageContext, Effect } from '@orderflow/decider';
import { wantTrace } from '@orderflow/telemetry';
import type { Incoming } from '../definition/service.js';

/** The batch's span is a child of its first cause, and linked to as many of the others as a person may look at. */
export function spanOf(batch: readonly Incoming<unknown>[]) {
  const [traceparent, ...links] = batch.flatMap((incoming) =>
    incoming.kind === 'undecodable' ? [] : [incoming.context.traceparent],
  );
  return { traceparent, links: links.slice(0, 50), attributes: { 'messaging.batch.message_count': batch.length } };
}

/** Where a story ends so that its trace is wanted, all that follows is told so. */
export const tracedOn = (context: MessageContext, called: readonly Effect[]): MessageContext =>
  called.some((effect) => 'ending' in effect && effect.wantTrace)
    ? { ...context, traceparent: wantTrace(context.traceparent) }
    : context;
