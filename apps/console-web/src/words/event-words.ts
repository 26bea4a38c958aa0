import type { JournalEvent } from '@orderflow/console-api';
import { isEventType } from '@orderflow/contracts';
import { wordsFor } from '@orderflow/order-view';

/** An event in a few words. One of a later version may have a type that these pages have no words for. */
export const wordsOf = (event: JournalEvent): string =>
  isEventType(event.type)
    ? wordsFor(event as unknown as Parameters<typeof wordsFor>[0])
    : 'these pages have no words for it: see its data';
