import type { EventType } from '@orderflow/contracts';

/** What kind of word an event is: said, a no, or something taken back. */
export type GlyphKind = 'said' | 'no' | 'back' | 'mail' | 'owed';

const kinds: Partial<Record<EventType, GlyphKind>> = {
  OrderCancelled: 'no',
  StockRejected: 'no',
  PaymentDeclined: 'no',
  NotificationFailed: 'no',
  StockReleased: 'back',
  PaymentRefunded: 'back',
  PaymentVoided: 'back',
  NotificationSent: 'mail',
};

export const glyphOf = (type: string): GlyphKind => kinds[type as EventType] ?? 'said';

/** In the colour of the text around it, 16 pixels wide. */
export function Glyph({ kind, size = 16 }: { kind: GlyphKind; size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 16 16">
      {kind === 'owed' ? (
        <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.6 2.12" />
      ) : (
        <circle cx="8" cy="8" r="7" fill="currentColor" />
      )}
      {kind !== 'owed' && kind !== 'said' && (
        <path
          d={marks[kind]}
          fill="none"
          stroke="var(--card)"
          strokeWidth="1.7"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}

const marks = {
  no: 'M5.600 5.600l4.800 4.800M10.400 5.600l-4.800 4.800',
  back: 'M7 4.800 4.800 7 7 9.200M5 7h3.600a2.300 2.300 0 0 1 0 4.400H7.600',
  mail: 'M4.600 5.800h6.800v4.600H4.600ZM4.800 6.100 8 8.600l3.200-2.500',
} as const;
