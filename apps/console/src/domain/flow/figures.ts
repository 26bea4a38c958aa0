import type { FlowRates, GroupLag, OutboxState, Reading } from '@orderflow/console-api';
import type { Service } from '@orderflow/contracts';

/** The token by which a controller gets the figures: http/ and adapters/ do not import each other. */
export const Figures = Symbol('Figures');

/** What flows, and what waits. No method rejects because a part gives no answer: its reading is unknown then. */
export interface Figures {
  rates(): Promise<Reading<FlowRates>>;
  /** @throws TransientError when the journal, or the broker, gives no answer */
  ratesAt(at: Date): Promise<FlowRates>;
  outboxOf(service: Service): Promise<Reading<OutboxState>>;
  /** @param group without prefix */
  lagOf(group: string): Promise<Reading<GroupLag>>;
}
