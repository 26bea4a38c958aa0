import { readEmailAddress } from '@orderflow/contracts';
import addressparser from 'nodemailer/lib/addressparser';

/** A sender. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
  readonly domain: string;
}

/** Reads one mailbox, `Orderflow <orders@example.com>` or the address alone. @returns undefined where it is not exactly one */
export function readMailbox(text: string): Mailbox | undefined {
  const [only, ...more] = addressparser(text);
  if (only === undefined || more.length > 0 || !('address' in only) || !only.address) return undefined;
  const read = readEmailAddress(only.address);
  return 'refusal' in read ? undefined : { name: only.name, ...read };
}
