/** Why a command is there: what it hands on to the events that it leads to. */
export interface MessageContext {
  /** Id of the event, or of the request, deadline or answer. */
  readonly id: string;
  /** Id of the request that began it all. */
  readonly correlationId: string;
  /** W3C trace context to go on with. */
  readonly traceparent: string;
  /** Business time of what the command leads to. */
  readonly at: Date;
}
