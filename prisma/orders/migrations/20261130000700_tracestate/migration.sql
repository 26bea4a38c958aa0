-- A request to cancel continues the trace of the order, with what other vendors added to it.
ALTER TABLE order_events ADD COLUMN tracestate text;
