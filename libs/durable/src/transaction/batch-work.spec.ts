import type { ServiceTypes } from '@orderflow/decider';
import { describe, expect, it } from '@jest/globals';
import { aContext, eventOf, undecodable } from '../../test/counters.js';
import { BatchWork } from './batch-work.js';
import { inboxId } from '../inbox/inbox.js';

const work = ({ admitted = [], retried = {}, blocked = [] }: Found = {}) =>
  new BatchWork<ServiceTypes>(new Set(admitted), new Map(Object.entries(retried)), new Set(blocked));
interface Found {
  admitted?: string[];
  retried?: Record<string, string>;
  blocked?: string[];
}
const event = (subject: string, parkedId?: string) =>
  eventOf({ subject, by: 1 }, parkedId === undefined ? {} : { parkedId });

describe('the work of a batch', () => {
  // proves: an event that is twice in a batch is handled once
  it('handles each admitted id once', () => {
    const [a, b] = [event('s'), event('s')];
    const found = work({ admitted: [a.context.id] });
    expect([found.isNew(a), found.isNew(a), found.isNew(b)]).toEqual([true, false, false]);
  });

  it('blocks events behind a parked one, from before or from this batch, and no other subject', () => {
    const found = work({ blocked: ['before'] });
    found.park(event('now'), 'refused', 'bad');
    expect(['before', 'now', 'other'].map((subject) => found.isBlocked(event(subject)))).toEqual([true, true, false]);
  });

  it('never blocks the retry of a parked event', () =>
    expect(work({ blocked: ['s'] }).isBlocked(event('s', '1'))).toBe(false));

  it('parks an event that fails, and notes a failed retry', () => {
    const found = work();
    found.park(event('a'), 'refused', 'bad');
    found.park(undecodable('b', { parkedId: '1' }), 'undecodable', 'still bad');
    expect([found.parked, found.failedAgain]).toMatchObject([[{ reason: 'bad' }], [{ reason: 'still bad' }]]);
  });

  it('retries a parked row only while it exists', () => {
    const [there, gone] = [event('s', '1'), event('s', '2')];
    const found = work({ retried: { '1': there.context.id } });
    expect([found.isNew(there), found.isNew(gone)]).toEqual([true, false]);
    expect(found.unparked).toEqual([]);
  });

  it('deletes a parked row whose event was handled in another copy', () => {
    const [first, copy] = [event('s', '1'), event('s', '2')];
    const found = work({
      admitted: [first.context.id],
      retried: { '1': 'its position', '2': 'the position of the copy' },
    });
    expect([found.isNew(first), found.isNew(copy)]).toEqual([true, false]);
    expect(found.unparked).toEqual(['2']);
  });

  it('handles a parked row in its place when a copy of its event is parked behind it, and deletes the copy', () => {
    const head = event('s', '1');
    const found = work({ retried: { '1': 'its position', '3': head.context.id } });
    expect(found.isNew(head)).toBe(true);
    expect(found.unparked).toEqual(['3']);
  });

  it('keeps a parked event that is not decodable any more, also after several retries', () => {
    const again = undecodable('s', { parkedId: '1' });
    const retried = { '1': 'the id of its event, from when it was decodable' };
    expect(work({ retried, admitted: [inboxId(again)] }).isNew(again)).toBe(true);
    const found = work({ retried });
    expect(found.isNew(again)).toBe(true);
    expect(found.unparked).toEqual([]);
  });

  it('retries a parked row once in a batch', () => {
    const head = event('s', '1');
    const found = work({ retried: { '1': head.context.id } });
    expect([found.isNew(head), found.isNew(head)]).toEqual([true, false]);
    expect(found.unparked).toEqual([]);
  });

  // proves: nothing of a failed step joins the batch
  it('keeps nothing of a command that was not finished', () => {
    const found = work();
    found.begin(event('a')).add('RecordedEvent', 1, aContext(), []);
    expect(found.recorded).toEqual([]);
  });

  it('includes all effects of a finished command, and only the last change of a deadline', () => {
    const found = work();
    const context = aContext();
    const step = found.begin(event('a', '9'));
    step.add('RecordedEvent', 1, context, []);
    step.effect({ call: { key: 'k', kind: 'charge', subject: 'a', request: {} } }, context);
    step.effect({ deadline: { subject: 'a', inSeconds: 0 } }, context);
    step.effect({ clearDeadline: 'a' }, context);
    found.finish(step);
    found.finish(found.begin({ kind: 'command', command: null, context, answers: 'k' }));
    expect(found.recorded).toMatchObject([{ event: 'RecordedEvent', state: 1, context }]);
    expect(found.calls).toMatchObject([{ key: 'k', context }]);
    expect([[...found.deadlines], found.unparked, found.answered]).toEqual([[['a', undefined]], ['9'], ['k']]);
  });
});
