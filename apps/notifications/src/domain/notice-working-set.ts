import { type ServiceTypes, StatesByKey } from '@orderflow/decider';
import { noNotices, type NoticeCommand, type NoticeEvent, type Notices } from './notice.js';

export type NoticeTypes = ServiceTypes<'notifications', Notices, NoticeCommand, NoticeEvent, NoticeWorkingSet>;

export const orderOf = (command: NoticeCommand): string => command.orderId;

/** The notices of a batch, by order. */
export class NoticeWorkingSet extends StatesByKey<Notices, NoticeCommand> {
  constructor(loaded: readonly Notices[]) {
    super(new Map(loaded.map((notices) => [notices.orderId, notices])), orderOf, noNotices);
  }
}
