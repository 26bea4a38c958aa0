/** Where a command comes from: it is handed on to every event that the command leads to. */
export interface MessageContext {
  /** Id of the event, request, deadline or answer: the `causationId` of the events. */
  readonly id: string;
  /** Id of the request that began the story. */
  readonly correlationId: string;
  /** W3C trace context. */
  readonly traceparent: string;
  /** What other vendors added to the trace; undefined where none did. */
  readonly tracestate?: string | undefined;
  /** Business time of the events. */
  readonly at: Date;
}
