import type { Mutant } from './mutant.ts';

const handler = 'libs/durable/test/command-handler.int.spec.ts';
const parking = 'libs/durable/test/parking.int.spec.ts';
const relay = 'libs/durable/test/relay.int.spec.ts';
const workers = 'libs/durable/test/workers.int.spec.ts';
const batcher = 'libs/durable/src/transaction/batcher.spec.ts';

/** What makes a batch commit once. */
export const durable: readonly Mutant[] = [
  {
    guard: 'the inbox admits an event once',
    file: 'libs/durable/src/inbox/inbox.ts',
    edits: [['...rows.map((row) => row.event_id)]);', '...noted.slice(rows.length * 0)]);']],
    check: { file: handler, name: 'handles an event once, though it stands twice in a batch and comes again later' },
    says: 'duplicate',
  },
  {
    guard: 'an event that stands twice in a batch is handled once',
    file: 'libs/durable/src/transaction/batch-work.ts',
    edits: [['this.notYetSeen.delete(id)', 'this.notYetSeen.has(id)']],
    check: { file: 'libs/durable/src/transaction/batch-work.spec.ts', name: 'takes each admitted id once' },
    says: 'toEqual',
  },
  {
    guard: 'a record that cannot be read stands in the inbox under where it lies, not under the id that it claims',
    file: 'libs/durable/src/inbox/inbox.ts',
    edits: [
      [
        ': recordId(incoming.record);',
        ": (incoming.record.headers['ce_id']?.toString() ?? recordId(incoming.record));",
      ],
    ],
    check: {
      file: handler,
      name: 'does not let a record that cannot be read swallow the good event whose id it claims',
    },
    says: 'duplicate',
  },
  {
    guard: 'the inbox is kept longer than any topic keeps its records',
    file: 'libs/durable/src/inbox/inbox.ts',
    edits: [['const KEPT_DAYS = 9;', 'const KEPT_DAYS = 7;']],
    check: {
      file: 'libs/durable/test/projection.int.spec.ts',
      name: 'forgets what is older than any topic keeps, a piece at a time, and nothing else',
    },
    says: 'toEqual',
  },
  {
    guard: 'what happened goes to the outbox in the transaction of its effect',
    file: 'libs/durable/src/transaction/command-handler.ts',
    edits: [
      ['      store.outbox.append(tx, [...work.records, ...deadLetters]),\n', ''],
      ['const deadLetters = await parking', 'await parking'],
      [
        '    this.parts.committed(work.calls);\n',
        `    const { connection, store } = this.parts;
    await connection.transaction((tx) => store.outbox.append(tx, work.records));
    this.parts.committed(work.calls);\n`,
      ],
    ],
    check: {
      file: handler,
      name: 'needs nothing after the commit: what happened will be said though the process ends there',
    },
    says: 'toHaveLength',
  },
  {
    guard: 'a batch is one transaction: all of it is committed or none',
    file: 'libs/durable/src/store/database.ts',
    edits: [["client.query('BEGIN').catch(() => undefined);", "client.query('SELECT 1').catch(() => undefined);"]],
    check: { file: handler, name: 'keeps nothing of it when one statement fails' },
    says: 'toEqual',
  },
  {
    guard: 'group commit: a command that breaks a rule takes only itself out',
    file: 'libs/durable/src/transaction/command-handler.ts',
    edits: [["return { kind: 'refused', error };", 'throw error;']],
    check: { file: handler, name: 'takes a command out alone when it breaks a rule' },
    says: 'below zero',
  },
  {
    guard: 'group commit: nothing of a step that fails joins the work of the batch',
    file: 'libs/durable/src/transaction/batch-work.ts',
    edits: [
      [
        'return new Step(incoming);',
        'return Object.assign(new Step<State, Event>(incoming), { happened: this.happened });',
      ],
    ],
    check: {
      file: 'libs/durable/src/transaction/batch-work.spec.ts',
      name: 'keeps nothing of a step that was not finished',
    },
    says: 'toEqual',
  },
  {
    guard: 'a batch that the database refuses is tried in halves until the culprit is alone',
    file: 'libs/durable/src/transaction/batcher.ts',
    edits: [
      [
        'return batch.length > 1 ? this.inHalves(batch) : this.settleRefused(batch[0]!, error);',
        'for (const entry of batch) await this.settleRefused(entry, error);',
      ],
    ],
    check: { file: batcher, name: 'finds the one that the database refuses, and handles all others' },
    says: 'toEqual',
  },
  {
    guard: 'nothing that waits behind a failed batch is handled before it',
    file: 'libs/durable/src/transaction/batcher.ts',
    edits: [['      if (failure) rejectAll(this.queue.splice(0), failure);\n', '']],
    check: { file: batcher, name: 'handles nothing that waits behind a failed batch: it may be the same order, later' },
    says: 'toEqual',
  },
  {
    guard: 'the second half waits when the world turns bad in the first',
    file: 'libs/durable/src/transaction/batcher.ts',
    edits: [['return failure ? rejectAll(batch.slice(middle), failure) : this', 'return this']],
    check: { file: batcher, name: 'handles nothing of the second half when the world turns bad in the first' },
    says: 'toEqual',
  },
  {
    guard: 'a conflict runs the whole batch again',
    file: 'libs/durable/src/transaction/batcher.ts',
    edits: [['if (!isConflict(error) || conflicts === MAX_CONFLICTS) throw error;', 'if (conflicts > 0) throw error;']],
    check: { file: batcher, name: 'runs the whole batch again after a conflict' },
    says: 'TransientError',
  },
  {
    guard: 'later events of a parked order are parked behind it',
    file: 'libs/durable/src/transaction/command-handler.ts',
    edits: [
      [
        "    if (work.isBlocked(incoming)) return work.park(incoming, 'blocked', 'blocked by an earlier event of its subject');\n",
        '',
      ],
    ],
    check: {
      file: handler,
      name: 'parks a broken rule and what comes later of its subject, in order, while others go on',
    },
    says: 'done',
  },
  {
    guard: 'what is parked is looked up under the locks of the batch',
    file: 'libs/durable/src/transaction/command-handler.ts',
    edits: [
      ['const [admitted, retried, states, blocked] =', 'const [admitted, retried, blocked, states] ='],
      ['      repository.load(tx, commands),\n', ''],
      [
        'parking.holds(tx, [...new Set(firsts.map(({ subject }) => subject))]),\n',
        'parking.holds(tx, [...new Set(firsts.map(({ subject }) => subject))]),\n      repository.load(tx, commands),\n',
      ],
    ],
    check: { file: parking, name: 'park behind what the other one parks at that very moment' },
    says: 'parked',
  },
  {
    guard: 'a parked record is tried by one member at a time',
    file: 'libs/durable/src/parking/parking.ts',
    edits: [['ORDER BY parked.id FOR UPDATE`', 'ORDER BY parked.id`']],
    check: { file: parking, name: 'drain once what waited behind a head that is gone, though both try it' },
    says: 'toEqual',
  },
  {
    guard: 'what can be read again is handled in its place, and the copy that waits behind it goes',
    file: 'libs/durable/src/transaction/batch-work.ts',
    edits: [
      [
        'this.unparked.push(waiting ?? parkedId);\n    return waiting !== undefined;',
        'this.unparked.push(parkedId);\n    return false;',
      ],
    ],
    check: {
      file: 'libs/durable/src/transaction/batch-work.spec.ts',
      name: 'handles a parked row in its place when a copy of its event waits behind it, and drops the copy',
    },
    says: 'toBe',
  },
  {
    guard: 'a parked event that cannot be read any more stays parked',
    file: 'libs/durable/src/transaction/batch-work.ts',
    edits: [[" || incoming.kind === 'unreadable'", '']],
    check: {
      file: 'libs/durable/src/transaction/batch-work.spec.ts',
      name: 'keeps a parked event that cannot be read any more, however often that is tried',
    },
    says: 'toBe',
  },
  {
    guard: 'only the head of a parked queue is tried again',
    file: 'libs/durable/src/parking/parking.ts',
    edits: [['SELECT DISTINCT ON (subject) * FROM parked', 'SELECT * FROM parked']],
    check: { file: workers, name: 'is drained in order once its head can be handled' },
    says: 'did not come true',
  },
  {
    guard: 'one relay at a time works on a shard, by an advisory lock',
    file: 'libs/durable/src/outbox/shard-locks.ts',
    edits: [["'SELECT pg_try_advisory_lock($1, $2) AS ours'", "'SELECT $1::int + $2::int > 0 AS ours'"]],
    check: { file: relay, name: 'never sends a key that another relay is sending' },
    says: 'toEqual',
  },
  {
    guard: 'a new session of the relay holds no lock of the old one',
    file: 'libs/durable/src/outbox/relay.ts',
    edits: [['    if (!this.connection.isOpen) this.shards = [];\n', '']],
    check: { file: relay, name: 'sends nothing once its session is gone, until it holds a lock again' },
    says: 'toEqual',
  },
  {
    guard: 'the relay deletes only what was acknowledged',
    file: 'libs/durable/src/outbox/relay.ts',
    edits: [
      ['    await this.store.outbox.sent(tx, rows);\n', ''],
      [
        '    const spans = rows.map((row) => sendSpan(row));\n',
        '    const spans = rows.map((row) => sendSpan(row));\n    await this.store.outbox.sent(tx, rows);\n',
      ],
    ],
    check: { file: relay, name: 'sends again, with the same ids, what nobody knows the outcome of' },
    says: 'toEqual',
  },
  {
    guard: 'the relay has no cursor: what commits late under a lower id is found',
    file: 'libs/durable/src/outbox/outbox.ts',
    edits: [
      ['return sql.query<OutboxRow>(', 'const found = await sql.query<OutboxRow>('],
      ['         AND NOT EXISTS (SELECT 1', '         AND o.id > $4 AND NOT EXISTS (SELECT 1'],
      [
        '      [shards, limit, BATCH_BYTES],\n    );\n',
        `      [shards, limit, BATCH_BYTES, (this as { cursor?: string }).cursor ?? '0'],
    );
    Object.assign(this, { cursor: found.at(-1)?.id ?? (this as { cursor?: string }).cursor });
    return found;\n`,
      ],
    ],
    check: { file: relay, name: 'publishes a lower id that is committed late' },
    says: 'did not come true',
  },
  {
    guard: 'the outbox is read in the order of its ids, as numbers',
    file: 'libs/durable/src/outbox/outbox.ts',
    edits: [['< $3 ORDER BY o.id', '< $3 ORDER BY id']],
    check: { file: relay, name: 'publishes what is committed, in order, and deletes it' },
    says: 'toEqual',
  },
  {
    guard: 'a row that the broker refuses is set aside, and the others go on',
    file: 'libs/durable/src/outbox/relay.ts',
    edits: [['if (!(error instanceof PublishRefused)) throw error;', 'if (spans.length > 0) throw error;']],
    check: { file: relay, name: 'sets aside what the broker refuses, holds back its key only, and sends the rest' },
    says: 'did not come true',
  },
  {
    guard: 'a row that is set aside holds back its own key',
    file: 'libs/durable/src/outbox/outbox.ts',
    edits: [[' AND aside.key = o.key)', ' AND aside.id = o.id)']],
    check: { file: relay, name: 'sets aside what the broker refuses, holds back its key only, and sends the rest' },
    says: 'toEqual',
  },
  {
    guard: 'a record that is too large for the broker is refused before it is committed',
    file: 'libs/durable/src/outbox/outbox.ts',
    edits: [['const MAX_VALUE_BYTES = 900_000;', 'const MAX_VALUE_BYTES = 9_000_000;']],
    check: {
      file: 'libs/durable/src/outbox/outbox.spec.ts',
      name: 'is refused before it is committed when the broker would refuse it for its size',
    },
    says: 'toThrow',
  },
  {
    guard: 'an outside call is asked again with the same key, until there is an answer',
    file: 'libs/durable/src/calls/call-worker.ts',
    edits: [
      [
        'await this.askAgain(call, reasonOf(error));',
        'await this.store.calls.answered(this.store.database, [call.key]);',
      ],
    ],
    check: { file: workers, name: 'is asked again with the same key when nobody knows how it ended' },
    says: 'did not come true',
  },
  {
    guard: 'a call whose member is gone is taken over when its lease is over',
    file: 'libs/durable/src/calls/external-calls.ts',
    edits: [
      [
        'FROM external_calls WHERE next_attempt_at <= now()',
        'FROM external_calls WHERE attempts > 1 AND next_attempt_at <= now()',
      ],
    ],
    check: { file: workers, name: 'is taken over when its lease is over, because whoever made it is gone' },
    says: 'did not come true',
  },
  {
    guard: 'an answer takes its call away in its own transaction',
    file: 'libs/durable/src/transaction/command-handler.ts',
    edits: [['      store.calls.answered(tx, work.answered),\n', '']],
    check: { file: handler, name: 'is committed with it, and an answer takes its call away' },
    says: 'toEqual',
  },
  {
    guard: 'a deadline that passed forgets itself only, not the one that its subject got since',
    file: 'libs/durable/src/deadlines/deadlines.ts',
    edits: [[' AND deadlines.due_at = passed.due_at', '']],
    check: { file: workers, name: 'leaves the one alone that its subject gets when it passes' },
    says: 'did not come true',
  },
  {
    guard: 'a deadline that cannot be told keeps no other from being forgotten',
    file: 'libs/durable/src/deadlines/deadline-worker.ts',
    edits: [
      ['await Promise.allSettled(passed.map', '(await Promise.all(passed.map'],
      ['this.tell(deadline)));', "this.tell(deadline)))).map(() => ({ status: 'fulfilled' as const }));"],
      ["for (const result of told) if (result.status === 'rejected') throw result.reason;", ''],
    ],
    check: { file: workers, name: 'that is refused keeps no other one from being over' },
    says: 'did not come true',
  },
];
