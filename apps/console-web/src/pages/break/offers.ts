import type { BreakName, BrokenPart } from '@orderflow/console-api';

interface Offer {
  readonly name: BreakName;
  readonly words: string;
  /** What will happen, as far as an order is concerned. */
  readonly about: string;
}

interface PartOffer {
  readonly part: BrokenPart['part'];
  readonly title: string;
  readonly offers: readonly Offer[];
}

export const parts: readonly PartOffer[] = [
  {
    part: 'payments',
    title: 'The payment provider',
    offers: [
      {
        name: 'provider-away',
        words: 'answers nothing but 503',
        about:
          'Orders wait at payments, which asks again with the same key. Those whose deadline passes are cancelled, and their stock comes back.',
      },
      {
        name: 'provider-errors',
        words: 'fails half of the time',
        about:
          'Half of the failures come after the charge was made. Asked again with the same key, the provider charges no card twice.',
      },
      {
        name: 'provider-slow',
        words: 'takes 3 s longer',
        about: 'Orders wait at payments and are confirmed late. Nothing is lost.',
      },
      {
        name: 'provider-declines',
        words: 'declines half of the payments',
        about: 'These orders are cancelled, and their stock comes back. Nothing is left to heal.',
      },
    ],
  },
  {
    part: 'mail',
    title: 'The mail server',
    offers: [
      {
        name: 'mail-away',
        words: 'takes no mail',
        about:
          'Orders are confirmed and paid all the same. Their mails wait at notifications, so they are not done yet.',
      },
      {
        name: 'mail-slow',
        words: 'takes 3 s for each mail',
        about: 'Orders are confirmed and paid all the same. They are done 3 s later.',
      },
    ],
  },
];

/** The lengths to choose from: seconds, as they stand in the URL, and words. */
export const lengths = [
  ['10', '10 s'],
  ['30', '30 s'],
  ['60', '1 minute'],
  ['300', '5 minutes'],
] as const;
export const USUAL_LENGTH = '30';
