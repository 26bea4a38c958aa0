import { type ServiceTypes, StatesByKey } from '@orderflow/decider';
import { noNotices, type NoticeCommand, type NoticeEvent, type Notices } from './notice.js';

export type NoticeTypes = ServiceTypes<'notifications', Notices, NoticeCommand, NoticeEvent, NoticeWorkingSet>;

// In lower case, as PostgreSQL returns a uuid: an id in capitals would not match its row.
export const orderOf = (command: NoticeCommand): string => command.orderId.toLowerCase();

/** The notices of a batch, by order. */
export class NoticeWorkingSet extends StatesByKey<Notices, NoticeCommand> {
  constructor(loaded: readonly Notices[]) {
    super(new Map(loaded.map((notices) => [notices.orderId, notices])), orderOf, noNotices);
  }
}
