import type { Letter, OpenedLetter } from '@orderflow/console-api';
import { confidentialFieldsOf, isEventType, type Service } from '@orderflow/contracts';
import type { ExpiredItem, OpenedAnswer, OpenedCallAnswer } from '@orderflow/dead-letters';
import { maskedText } from '../../domain/mask.js';
import {
  actionOnCall,
  actionOnEvent,
  actionOnRange,
  letterOfCall,
  letterOfEvent,
  letterOfRange,
  textOf,
} from './shapes.js';

const MOST_CHARACTERS = 65_536;

const nothing: Omit<OpenedLetter, keyof Letter> = {
  content: null,
  undecodable: null,
  headers: [],
  failures: [],
  headId: null,
  behindIt: [],
  actions: [],
};

export function openedEventOf(service: Service, answer: OpenedAnswer): OpenedLetter {
  const { omitted, headers, failures, waitsFor, behind, actions } = answer;
  return {
    ...nothing,
    ...letterOfEvent(service, answer),
    behind: behind.count,
    content: contentOfEvent(answer),
    undecodable: answer.undecodable ?? omitted?.detail ?? null,
    headers: Object.entries(headers).map(([name, text]) => ({ name, value: maskedText(text) })),
    failures: failuresOf(failures),
    headId: waitsFor,
    behindIt: behind.items.map((item) => letterOfEvent(service, item)),
    actions: actions.map((item) => actionOnEvent(service, item)),
  };
}

function contentOfEvent({ event, value, headers }: OpenedAnswer): OpenedLetter['content'] {
  if (event !== null) return contentOf('event', textOf(event));
  if (value === null) return null;
  return contentOf('bytes', bytesAsText(value, headers['ce_type']), Buffer.byteLength(value, 'base64'));
}

export function openedCallOf(service: Service, answer: OpenedCallAnswer): OpenedLetter {
  const { request, failures, actions } = answer;
  return {
    ...nothing,
    ...letterOfCall(service, answer),
    content: request === null ? null : contentOf('request', textOf(request)),
    failures: failuresOf(failures),
    actions: actions.map((item) => actionOnCall(service, item)),
  };
}

export const openedRangeOf = (service: Service, item: ExpiredItem): OpenedLetter => ({
  ...nothing,
  ...letterOfRange(service, item),
  actions: item.acknowledgedAt === null ? [] : [actionOnRange(service, item)],
});

const failuresOf = (failures: readonly { at: string; reason: string }[]) =>
  failures.map(({ at, reason }) => ({ at, reason: maskedText(reason) }));

const contentOf = (of: 'event' | 'request' | 'bytes', text: string, bytes = Buffer.byteLength(text)) => ({
  of,
  text: text.slice(0, MOST_CHARACTERS),
  bytes,
  isCut: text.length > MOST_CHARACTERS,
});

/** A record that is no event may be JSON, published by hand, with a field that is confidential in the event of its type. */
function bytesAsText(base64: string, type: string | undefined): string {
  const text = maskedText(Buffer.from(base64, 'base64').toString());
  const fields = type !== undefined && isEventType(type) ? confidentialFieldsOf(type) : [];
  return fields.reduce(
    (shown, field) => shown.replace(new RegExp(`("${field}"\\s{0,9}:\\s{0,9})"[^"]*"`, 'g'), '$1"***"'),
    text,
  );
}
