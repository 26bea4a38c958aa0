import type { ExternalCall } from '@orderflow/decider';
import type { MailRequest, NoticeCommand, Template } from '../../../../apps/notifications/src/domain/notice.js';
import type { Process, Scheduler } from '../scheduler.js';
import { unlessAborted } from './unless-aborted.js';

/** Everybody's mailbox: the same letter may come twice, and is known by its message id. */
export class Mailbox {
  /** By order. */
  readonly letters = new Map<string, Set<Template>>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly now: () => number,
  ) {}

  async mail(process: Process, { subject, request }: ExternalCall, signal: AbortSignal): Promise<NoticeCommand> {
    const { template } = request as MailRequest;
    const label = `mail ${template} ${subject.slice(-2)}`;
    await unlessAborted(
      this.scheduler.ask(process, label, () => this.put(subject, template)),
      signal,
    );
    const at = new Date(this.now()).toISOString();
    return { type: 'RecordAccepted', orderId: subject, template, messageId: `<${template}.${subject}>`, at };
  }

  private put(orderId: string, template: Template): void {
    const letters = this.letters.get(orderId) ?? new Set();
    this.letters.set(orderId, letters.add(template));
  }
}
