import {
  bounds,
  confidentialFieldsOf,
  type Event,
  eventSchemas,
  type EventType,
  isSku,
  mostUnitsOfSku,
  readEmailAddress,
  refusalOfCurrency,
  subjectKindOf,
} from '@orderflow/contracts';
import { BadRecord } from '../errors.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
const SEMVER = /^\d{1,9}\.\d{1,9}\.\d{1,9}$/;
const MAX_STRING = 256;
// Encrypted, a value of 64 characters takes about 400.
const MAX_ENCRYPTED = 512;
const encrypted = new Set((Object.keys(eventSchemas) as EventType[]).flatMap(confidentialFieldsOf));

/** Whether `time` is a UTC instant of the calendar: the 30th of February is not. */
function isInstant(time: string): boolean {
  if (!INSTANT.test(time)) return false;
  const at = new Date(time);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(time.slice(0, 19));
}

/**
 * Checks the rules of an event that a schema cannot express. Encoding and decoding check the same rules.
 * @throws BadRecord that names the violated rule
 */
export function checkEvent(event: Event): void {
  const { owner } = eventSchemas[event.type];
  // guard: an event is accepted only from the service that owns it
  if (event.source !== owner) throw new BadRecord('wrong_source', `${event.type} belongs to ${owner}`);
  if (!UUID.test(event.id)) throw new BadRecord('invalid_id', 'id is not a UUID');
  const isProduct = subjectKindOf(event.type) === 'product';
  if (isProduct ? !isSku(event.subject) : !UUID.test(event.subject))
    throw new BadRecord('invalid_subject', `subject is not ${isProduct ? 'a SKU' : 'a UUID'}`);
  if (!isInstant(event.time)) throw new BadRecord('invalid_time', 'time is not a UTC instant of ISO 8601');
  if (!Number.isSafeInteger(event.sequence) || event.sequence < 1)
    throw new BadRecord('invalid_sequence', 'sequence is not a whole number from 1');
  if (!SEMVER.test(event.schemaVersion)) throw new BadRecord('out_of_bounds', 'schemaVersion is not a version');
  checkText('correlationId', event.correlationId);
  checkText('causationId', event.causationId);
  checkData(event.data as Readonly<Record<string, unknown>>, 'data');
}

// The path is put together only where a rule is violated: an order has thousands of fields.
function checkData(data: Readonly<Record<string, unknown>>, path: string): void {
  for (const name of Object.keys(data)) checkField(name, data[name], path);
}

function checkField(name: string, value: unknown, path: string): void {
  if (typeof value === 'string') checkText(name, value, path);
  else if (typeof value === 'number') checkNumber(name, value, path);
  else if (Array.isArray(value)) {
    if (value.length > bounds.lines || (name === 'lines' && value.length === 0))
      throw outOfBounds(name, path, `has ${value.length} elements`);
    const inside = `${path}.${name}[]`;
    for (const element of value) checkElement(element, inside);
  } else checkElement(value, `${path}.${name}`);
}

function checkElement(value: unknown, path: string): void {
  if (typeof value === 'object' && value !== null) checkData(value as Readonly<Record<string, unknown>>, path);
}

function checkText(name: string, value: string, path?: string): void {
  const most = encrypted.has(name) ? MAX_ENCRYPTED : MAX_STRING;
  // Characters, as the HTTP API counts them: one outside the basic plane is two code units.
  if (value.length > most && Array.from(value).length > most)
    throw outOfBounds(name, path, `has more than ${most} characters`);
  if (name === 'sku' && !isSku(value)) throw outOfBounds(name, path, 'is not a SKU');
  const refusal = name === 'currency' ? refusalOfCurrency(value) : name === 'email' ? refusalOfEmail(value) : undefined;
  if (refusal !== undefined) throw outOfBounds(name, path, refusal);
}

function refusalOfEmail(value: string): string | undefined {
  const read = readEmailAddress(value);
  return 'refusal' in read ? read.refusal : undefined;
}

function checkNumber(name: string, value: number, path: string): void {
  // A reservation adds up the lines of an order that name the same SKU.
  if (name === 'quantity' && !(value >= 1 && value <= mostUnitsOfSku))
    throw outOfBounds(name, path, `is not from 1 to ${mostUnitsOfSku}`);
  if (!name.endsWith('Minor')) return;
  if (value < 0) throw outOfBounds(name, path, 'is below zero');
  // priceMinor, unitPriceMinor, and the two for large prices.
  if (name.endsWith('riceMinor') && value > bounds.priceMinor)
    throw outOfBounds(name, path, `is above ${bounds.priceMinor}`);
}

const outOfBounds = (name: string, path: string | undefined, violation: string): BadRecord =>
  new BadRecord('out_of_bounds', `${path === undefined ? name : `${path}.${name}`} ${violation}`);
