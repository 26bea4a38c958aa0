/** A mailbox that SMTP can name: the domain in A-labels. */
export interface EmailAddress {
  readonly address: string;
  readonly domain: string;
}

/** RFC 5321, 4.1.2: Dot-string and Quoted-string. */
const DOT_STRING = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const QUOTED_STRING = /^"([ !#-[\]-~]|\\[ -~])*"$/;
/** RFC 1035, 2.3.1, and RFC 1123, 2.1: letters, digits and hyphens, none of them at an end. */
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/;
const NOT_ASCII = /[^\0-\x7F]/;

/** RFC 5321, 4.5.3.1: octets of a local part, of an address in a path; RFC 1035: of a label. */
const MOST = { local: 64, address: 254, label: 63 } as const;

/**
 * Reads an e-mail address as RFC 5321 has it, with a domain in Unicode (RFC 5891) or in ASCII. A local part beyond ASCII would
 * need SMTPUTF8, and an address literal names a machine: both are refused.
 * @returns the mailbox, or a `refusal` that continues a sentence about the address: `has no "@"`
 */
export function readEmailAddress(text: string): EmailAddress | { readonly refusal: string } {
  const at = text.lastIndexOf('@');
  if (at === -1) return { refusal: 'has no "@"' };
  const local = text.slice(0, at);
  const domain = asciiDomainOf(text.slice(at + 1));
  const address = `${local}@${domain}`;
  const refusal =
    refusalOfLocalPart(local) ??
    refusalOfDomain(domain) ??
    (address.length > MOST.address ? `has more than ${MOST.address} characters` : undefined);
  return refusal === undefined ? { address, domain } : { refusal };
}

/** ASCII that no domain has. A URL has it: its parser would end the host there, decode it or leave it out. */
const NOT_OF_DOMAIN = /[\0-,/:-@[-`{-\x7F]/;

// The URL standard would read a domain of digits as an IPv4 address: only names that need it are converted.
const asciiDomainOf = (domain: string): string =>
  NOT_ASCII.test(domain) && !NOT_OF_DOMAIN.test(domain) ? convertedBy(new URL('ws://_'), domain) : domain;

/** Empty where it cannot be converted: the setter then leaves the host of the URL as it was. */
function convertedBy(url: URL, domain: string): string {
  url.hostname = domain;
  return url.hostname === '_' ? '' : url.hostname;
}

function refusalOfLocalPart(local: string): string | undefined {
  if (local === '') return 'has nothing before the "@"';
  if (NOT_ASCII.test(local)) return 'has characters beyond ASCII before the "@"';
  if (local.length > MOST.local) return `has more than ${MOST.local} characters before the "@"`;
  if (DOT_STRING.test(local) || QUOTED_STRING.test(local)) return undefined;
  return 'has dots or other characters before the "@" where they may not be without quotes';
}

function refusalOfDomain(domain: string): string | undefined {
  const labels = domain.split('.');
  const bad = labels.find((label) => !LABEL.test(label));
  if (domain.startsWith('[')) return 'has an address in brackets instead of a domain';
  if (bad !== undefined) return 'has a domain with a part that is not letters, digits and inner hyphens';
  if (labels.some(({ length }) => length > MOST.label))
    return `has a part of the domain above ${MOST.label} characters`;
  if (labels.length < 2 || /^\d+$/.test(labels.at(-1)!)) return 'has no domain of a mail server, such as example.com';
  return undefined;
}
