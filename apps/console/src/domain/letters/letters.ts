import type {
  LetterActions,
  LetterAddress,
  LetterDryRun,
  LetterKind,
  LetterOutcome,
  LetterOverview,
  OpenedLetter,
} from '@orderflow/console-api';
import type { Service } from '@orderflow/contracts';
import type { Acting } from '../acting.js';
import type { Deed } from './actions.js';

/** The token by which a controller gets the letters: http/ and adapters/ do not import each other. */
export const Letters = Symbol('Letters');

/**
 * Events, calls and ranges of records of all services that failed, in the services' own keeping. Lists are read for all pages
 * together; what one person asks for is asked with the token of that person.
 */
export interface Letters {
  /** @param orderId only those about this order. A service that gives no answer is named in it. */
  overview(orderId?: string): Promise<LetterOverview>;
  /** @throws Problem 404, ServiceUnavailable */
  open(service: Service, kind: LetterKind, id: string, token?: string): Promise<OpenedLetter>;
  /** Those of the letters that are still in the state in which they were seen. @throws ServiceUnavailable */
  stillAsSeen(seen: readonly LetterAddress[], token?: string): Promise<LetterAddress[]>;
  /** What a retry of the events among them would do. @throws ServiceUnavailable */
  dryRun(letters: readonly LetterAddress[], token?: string): Promise<LetterDryRun>;
  /** One item for each letter. */
  act(deed: Deed, letters: readonly LetterAddress[], by: Acting): Promise<LetterOutcome>;
  /** The latest actions of operators at all services. */
  actions(): Promise<LetterActions>;
}
