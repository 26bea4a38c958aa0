import { describe, expect, it } from '@jest/globals';
import { readEmailAddress } from './email-address.js';

const label63 = 'a'.repeat(63);

describe('an e-mail address', () => {
  it.each([
    'ada@example.com',
    'Ada.Lovelace+orders@Example.COM',
    "!#$%&'*+/=?^_`{|}~-@example.com",
    '-ada@example.com',
    'a=b&c#d/e@example.com',
    '"ada lovelace"@example.com',
    '"a\\"b@c"@example.com',
    `${'a'.repeat(64)}@example.com`,
    `ada@${label63}.example`,
    'ada@xn--bcher-kva.example',
    'ada@example.xn--p1ai',
    'ada@123.example',
  ])('of RFC 5321 is accepted as it is: %s', (text) => {
    expect(readEmailAddress(text)).toMatchObject({ address: text });
  });

  it.each([
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@пример.рф', 'ada@xn--e1afmkfd.xn--p1ai'],
    ['ada@例え。jp', 'ada@xn--r8jz45g.jp'],
  ])('in Unicode gets a domain in A-labels: %s', (text, address) => {
    expect(readEmailAddress(text)).toMatchObject({ address });
  });

  it.each([
    ['ada', 'has no "@"'],
    ['@example.com', 'has nothing before the "@"'],
    ['ädä@example.com', 'has characters beyond ASCII before the "@"'],
    [`${'a'.repeat(65)}@example.com`, 'has more than 64 characters before the "@"'],
    ...['.ada', 'ada.', 'a..b', 'a b', 'a@b', 'ada, eve', '"ada', 'a"b"', '<ada>', 'ada\r\nBcc: eve'].map((local) => [
      `${local}@example.com`,
      'has dots or other characters before the "@" where they may not be without quotes',
    ]),
    ...[
      '',
      '-example.com',
      'example-.com',
      'exa_mple.com',
      'example..com',
      'example.com.',
      'a b.com',
      'a.com\r\nx',
      // The parser of URLs would end the host there, decode it, or leave out what is no part of a URL.
      'bücher.example/x',
      'bücher.example?x',
      'bücher.example#x',
      'bücher.example\\x',
      'bücher.example:80',
      'b%C3%BCcher.é.example',
      'ex%61mple.é.example',
      'bücher.example／x',
      'bücher.example％61',
      'bü\ncher.example',
      'bü\tcher.example',
      'bücher.example\r',
      'bü cher.example',
      'bü_cher.example',
    ].map((domain) => [`ada@${domain}`, 'has a domain with a part that is not letters, digits and inner hyphens']),
    [`ada@${label63}a.example`, 'has a part of the domain above 63 characters'],
    ['ada@localhost', 'has no domain of a mail server, such as example.com'],
    ['ada@127.0.0.1', 'has no domain of a mail server, such as example.com'],
    ['ada@[127.0.0.1]', 'has an address in brackets instead of a domain'],
    [`ada@${`${'a'.repeat(60)}.`.repeat(4)}example`, 'has more than 254 characters'],
  ])('that no server can take is refused with the reason: %j', (text, refusal) => {
    expect(readEmailAddress(text!)).toEqual({ refusal });
  });
});
