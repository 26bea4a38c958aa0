import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Section } from './section.js';

const harmless = { outage: false };
const outage = { outage: true };
const at = (second: number): string => new Date(Date.UTC(2026, 10, 30, 0, 0, second)).toISOString();

describe('the fault of a part of the outside world', () => {
  let section: Section<{ outage: boolean }>;
  beforeEach(() => {
    jest.useFakeTimers({ now: new Date(at(0)) });
    section = new Section(harmless);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('ends by itself after its seconds, and tells when it was', () => {
    section.replace(outage, 30);
    jest.setSystemTime(new Date(at(29)));
    expect([section.fault, section.last]).toEqual([outage, { since: at(0), until: at(30) }]);
    jest.setSystemTime(new Date(at(30)));
    expect([section.fault, section.last]).toEqual([harmless, { since: at(0), until: at(30) }]);
  });

  it('stays on without an end, until it is replaced', () => {
    section.replace(outage, undefined);
    jest.setSystemTime(new Date(at(50)));
    expect([section.fault, section.last]).toEqual([outage, { since: at(0), until: null }]);
    section.replace(harmless, undefined);
    expect([section.fault, section.last]).toEqual([harmless, { since: at(0), until: at(50) }]);
  });

  it('ends early, and once only', () => {
    section.replace(outage, 30);
    jest.setSystemTime(new Date(at(10)));
    section.replace(harmless, undefined);
    jest.setSystemTime(new Date(at(40)));
    section.replace(harmless, undefined);
    expect(section.last).toEqual({ since: at(0), until: at(10) });
  });

  it('begins anew with another fault', () => {
    section.replace(outage, 30);
    jest.setSystemTime(new Date(at(10)));
    section.replace(outage, 5);
    expect(section.last).toEqual({ since: at(10), until: at(15) });
  });

  it('has no time before the first', () => {
    section.replace(harmless, 5);
    expect([section.fault, section.last]).toEqual([harmless, null]);
  });
});
