import { amountText, majorUnits, minorDigits } from '@orderflow/contracts';
import { assertNever } from '@orderflow/decider';
import type { CancelReason, MailContent, Money } from '../domain/notice.js';

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
}

/** Subject and text of a mail. */
export function renderMail(content: MailContent, orderId: string): RenderedMail {
  switch (content.template) {
    case 'order-confirmed':
      return {
        subject: 'Your order is confirmed',
        text: body(`your order ${orderId} is confirmed. ${chargedBy(content.facts)}`),
      };
    case 'order-cancelled':
      return {
        subject: 'Your order is cancelled',
        text: body(`your order ${orderId} is cancelled${because[content.facts.reason]}.`),
      };
    case 'payment-refunded':
      return {
        subject: 'Your money is on its way back',
        text: body(`we have refunded ${amountOf(content.facts)} for your order ${orderId}.`),
      };
    default:
      return assertNever(content);
  }
}

const chargedBy = (total: Money): string =>
  total.amountMinor === 0 ? 'It costs nothing.' : `We have charged ${amountOf(total)}.`;

const body = (sentence: string): string => `Hello,\n\n${sentence}\n\nOrderflow\n`;

const because: Record<CancelReason, string> = {
  out_of_stock: ', because not all of it is in stock',
  payment_declined: ', because the payment was declined',
  customer_request: ', as you asked',
  timed_out: ', because it could not be completed in time',
  unknown: '',
};

function amountOf({ amountMinor, currency }: Money): string {
  const format = formatOf(currency);
  // An order in a currency that was withdrawn since.
  if (format === undefined) return amountText(amountMinor, currency);
  return format.format(majorUnits(amountMinor, currency));
}

const formats = new Map<string, Intl.NumberFormat>();

// Cached: creating a format costs more than the rest of the rendering. Intl lays out only: its own digits are not ISO 4217's.
function formatOf(currency: string): Intl.NumberFormat | undefined {
  const digits = minorDigits(currency);
  if (digits === undefined) return undefined;
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const format = formats.get(currency) ?? new Intl.NumberFormat('en', { style: 'currency', currency, ...fraction });
  formats.set(currency, format);
  return format;
}
