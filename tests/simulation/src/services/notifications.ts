import { StatesByKey } from '@orderflow/decider';
import { type Repository } from '@orderflow/durable';
import { decide } from '../../../../apps/notifications/src/domain/decide.js';
import { evolve } from '../../../../apps/notifications/src/domain/evolve.js';
import {
  noNotices,
  type NoticeCommand,
  type NoticeEvent,
  type Notices,
} from '../../../../apps/notifications/src/domain/notice.js';
import { effects, reactions } from '../../../../apps/notifications/src/saga.js';
import { Table } from '../memory/database.js';
import type { Tx } from '../memory/sessions.js';
import type { Mailbox } from '../outside/mailbox.js';
import type { Process } from '../scheduler.js';
import type { Options } from './options.js';
import { lockOrCreate, save } from './rows.js';

type Loaded = StatesByKey<Notices, NoticeCommand>;

export class NoticesInMemory implements Repository<Notices, NoticeCommand, NoticeEvent, Loaded, Tx> {
  readonly notices = new Table<Notices>('notices');

  async load(tx: Tx, commands: readonly NoticeCommand[]): Promise<Loaded> {
    const ids = commands.map(({ orderId }) => orderId);
    const rows = await lockOrCreate(tx, this.notices, ids, noNotices);
    return new StatesByKey(new Map(rows.map((row) => [row.orderId, row])), ({ orderId }) => orderId, noNotices);
  }

  async save(tx: Tx, loaded: Loaded): Promise<void> {
    await save(tx, this.notices, loaded.changed());
  }
}

export const notifications = (
  repository: NoticesInMemory,
  mailbox: Mailbox,
  process: Process,
): Options<'notifications', Notices, NoticeCommand, NoticeEvent, Loaded> => ({
  handling: { service: 'notifications', consumer: 'notifications', decider: { decide, evolve }, repository, effects },
  reactions,
  callers: { mail: (call, signal) => mailbox.mail(process, call, signal) },
});
