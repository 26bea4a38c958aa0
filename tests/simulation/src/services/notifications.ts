import type { Caller, Repository, ServiceDefinition } from '@orderflow/durable';
import { decide } from '../../../../apps/notifications/src/domain/decide.js';
import { evolve } from '../../../../apps/notifications/src/domain/evolve.js';
import {
  type NoticeTypes,
  NoticeWorkingSet,
  orderOf,
} from '../../../../apps/notifications/src/domain/notice-working-set.js';
import { noNotices, type NoticeCommand, type Notices } from '../../../../apps/notifications/src/domain/notice.js';
import { takeBack } from '../../../../apps/notifications/src/recovery.js';
import { effects, reactions } from '../../../../apps/notifications/src/saga.js';
import { Table, type Tx } from '../memory/database.js';
import { lockOrCreate, save } from './rows.js';

export class NoticesInMemory implements Repository<NoticeTypes, Tx> {
  readonly notices = new Table<Notices>('notices');

  async load(tx: Tx, commands: readonly NoticeCommand[]): Promise<NoticeWorkingSet> {
    return new NoticeWorkingSet(await lockOrCreate(tx, this.notices, commands.map(orderOf), noNotices));
  }

  async save(tx: Tx, loaded: NoticeWorkingSet): Promise<void> {
    await save(tx, this.notices, loaded.changed());
  }
}

export const notifications = (
  repository: NoticesInMemory,
  callers: Record<'mail', Caller<NoticeCommand>>,
): ServiceDefinition<NoticeTypes, Tx> => ({
  service: 'notifications',
  consumer: 'notifications',
  decider: { decide, evolve },
  repository,
  reactions,
  takeBack,
  effects,
  callers,
});
