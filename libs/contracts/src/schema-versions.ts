import type { EventType } from './events.js';
import { eventVersions } from './generated/versions.js';

/** A released schema of an event's data, as its `.avsc` file has it. */
export interface SchemaVersion {
  /** Semver. */
  readonly version: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** All released schemas of an event, the oldest first. */
export const versionsOf = (type: EventType): readonly SchemaVersion[] => eventVersions[type];
