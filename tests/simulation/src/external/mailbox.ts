import type { ExternalCall } from '@orderflow/decider';
import type { MailRequest, NoticeCommand, Template } from '../../../../apps/notifications/src/domain/notice.js';
import type { Process, Scheduler } from '../scheduler.js';
import { unlessAborted } from './unless-aborted.js';

/** The mailbox of all customers. A mail that arrives again has the same message id and is kept once. */
export class Mailbox {
  /** By order id. */
  readonly mails = new Map<string, Set<Template>>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly now: () => number,
  ) {}

  async mail(process: Process, { subject, request }: ExternalCall, signal: AbortSignal): Promise<NoticeCommand> {
    const { template } = request as MailRequest;
    const label = `mail ${template} ${subject.slice(-2)}`;
    await unlessAborted(
      this.scheduler.request(process, label, () => this.put(subject, template)),
      signal,
    );
    const at = new Date(this.now()).toISOString();
    return { type: 'RecordAccepted', orderId: subject, template, messageId: `<${template}.${subject}>`, at };
  }

  private put(orderId: string, template: Template): void {
    const mails = this.mails.get(orderId) ?? new Set();
    this.mails.set(orderId, mails.add(template));
  }
}
