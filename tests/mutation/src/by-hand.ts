import type { Edit } from './guards.ts';

const unlocked: Edit = [[/ FOR UPDATE/, '']];

/** How each guard is switched off that Stryker cannot: SQL, settings, and statements that only real parts need. */
export const byHand: Readonly<Record<string, Edit>> = {
  // postgres
  'a session that is not as it must be is not used': 'removed',
  // durable: inbox and transaction
  'the inbox admits an event once': [[/rows\.map\(.+\)(?=\])/, 'noted']],
  'an event that is twice in a batch is handled once': [[/\.delete\(/, '.has(']],
  'an undecodable record is in the inbox under its offset, not under the id that it claims': [
    [/recordId\((\w+\.record)\)/, "($1.headers['ce_id']?.toString() ?? recordId($1))"],
  ],
  'the purge reads the oldest ids only': [[/, this\.purgedUntil\]/, ", '-infinity']"]],
  'the inbox outlasts every topic': [[/\d+/, '7']],
  'recorded events go to the outbox in the transaction of their effect': [
    // After the commit, and later than any test looks.
    [
      /outbox\.append\(tx, (.*)\),/,
      'void setTimeout(() => outbox.append(this.store.database as never, $1), 600_000).unref(),',
    ],
  ],
  'a batch is one transaction': [[/BEGIN/, 'SELECT 1']],
  'a batch that is committed does not fail afterwards': [[/.+/s, 'throw error;']],
  'a command that breaks a rule is taken out of its batch alone': [[/return .*;/, 'throw error;']],
  'nothing of a failed step joins the batch': [[/new \w+\(.*\)/, 'Object.assign($&, { recorded: this.recorded })']],
  'consumed offsets are stored in the transaction of the effects': 'removed',
  'offsets of a partition advance without a gap': [[/>= since/, '>= 0']],
  // durable: parking
  'later events of a parked order are parked behind it': 'removed',
  'parked subjects are looked up under the locks of the batch': [
    [/[\w.]+\.load\(.*\)/, 'Promise.resolve().then(() => $&)'],
  ],
  'a parked record is retried by one service instance at a time': unlocked,
  'only the head of a parked queue is retried': [[/ AND \$\{IS_HEAD\}/, '']],
  'the record behind one that is gone is due': [[/= 'infinity'/, "= '-infinity'"]],
  // durable: outbox
  'nothing is published to a log that has lost records': 'removed',
  'a service does not start on another Kafka cluster': 'removed',
  'one relay at a time works on a shard': [[/pg_try_advisory_lock\(\$1, \$2\)/, '$$1::int + $$2::int > 0']],
  'a new session of the relay holds no lock of the old one': 'removed',
  'a relay works on no shard whose lock its session does not hold': 'removed',
  'a session keeps its locks until its connection fails': [[/sql\.isBroken/, 'true']],
  'a relay that cannot publish leaves its shards to others': 'removed',
  'the relay deletes only what was acknowledged': [[/^/, 'await store.outbox.sent(tx, rows);']],
  'acknowledged rows are deleted before anything else can fail': [
    [/^/, 'for (const { createdAt } of rows) createdAt.getTime();\n'],
  ],
  'the relay has no cursor: a lower id that is committed late is found': [
    [/return /, 'const found = await '],
    [/AND NOT EXISTS/, 'AND o.id > $$4 $&'],
    [/BATCH_BYTES\],/, "BATCH_BYTES, (this as { cursor?: string }).cursor ?? '0'],"],
    [
      /$/,
      '\nObject.assign(this, { cursor: found.at(-1)?.id ?? (this as { cursor?: string }).cursor });\nreturn found;',
    ],
  ],
  'the outbox is read in the order of its ids, as numbers': [[/(position = 1 ORDER BY) o\.id/, '$1 id']],
  'a row that the broker refuses is rejected, and the others are sent': [[/if \(.*\)/, 'if (error)']],
  'a rejected row holds back its own key': [[/(\w+)\.key = o\.key/, '$1.id = o.id']],
  'a record too large for the broker is refused before the commit': [[/[\d_]+;/, '9_000_000;']],
  // durable: calls and deadlines
  'an external call is made again with the same key until it is answered': [
    [/.+/s, 'await this.dependencies.store.calls.answered(this.dependencies.store.database, [call.key]);'],
  ],
  'a call of a lost service instance is taken over after its lease': [
    [/WHERE (?=next_attempt_at)/, '$&attempts > 1 AND '],
  ],
  'no more calls are claimed than there is room for': [
    [/= ANY \(ARRAY(?=\(SELECT)/, 'IN '],
    [/LOCKED\)\)/, 'LOCKED)'],
  ],
  'a lease is renewed for its own attempt only': [[/ AND external_calls\.attempts = held\.attempts/, '']],
  'the lease of a call is renewed while it is made': [[/store\.calls\.renew\(.*?\)/s, "['long']"]],
  'a call that finds no free slot is released for other instances': [[/this\.release\(.*?\)(?=\])/s, 'undefined']],
  'a stop finishes the calls that cannot be given up': 'removed',
  'an answer is submitted again instead of asking again': [[/if \(.*\) throw/, 'throw']],
  'an answer removes its call in its own transaction': 'removed',
  'a call that is refused too often is a dead letter': [[/refusals \+ 1 >= \$7::int/g, 'false']],
  'an operator settles only a call that is open to it': [[/this\.openCalls\.has\(answers\)/, 'true']],
  'a call that is being made is settled by no operator': [[/ AND NOT leased/, '']],
  'a deadline waits for the events that had arrived': 'removed',
  'a deadline is set by the clock that decides whether it has passed': [
    [/now\(\) \+/, 'to_timestamp(${Date.now() / 1000}) +'],
  ],
  'a deadline that passed removes itself only': [[/ AND deadlines\.due_at = passed\.due_at/, '']],
  'a deadline that fails does not keep the others': [
    [/await Promise\.allSettled\((.*)\);/, "(await Promise.all($1)).map(() => ({ status: 'fulfilled' as const }));"],
  ],
  'deadlines that fail do not keep those behind them': 'removed',
  // durable: records that cannot be processed
  'a record without a key holds up no other one': [[/key === '' \? \S+ : /, '']],
  'an outage is not blamed on the delivery': 'removed',
  'another record at the same offset of a topic that was created again has another id': [
    [/\$\{timestamp\.getTime\(\)\}/, ''],
  ],
  // kafka
  'a compressed batch unpacks to a bounded size': [[/needed > this\.limit/, 'needed > 1_000']],
  'the batches of a fetch unpack to a bounded size together': 'removed',
  'a record that is too large is kept without its bytes': [[/length > \w+/, 'length < 0']],
  'a jump over records that expired unread is stored': 'removed',
  'a jump while records are fetched is noticed': 'removed',
  'each member corrects its own partitions alone': [[/all\.filter\(.*\)/, 'all']],
  'records that expired unread are not taken off the lag': [[/ \+ expired/, '']],
  'a topic does not grow while records are unread': 'removed',
  'nothing that is stored in a topic ends its consumers': [[/return .*/, 'return unguarded;']],
  'a service does not start on a topic whose settings break its promises': 'removed',
  'a service does not start on another partition count': [[/found !== expected/, 'false']],
  'an offset is committed only after its events were handled': [[/await (.*);/, 'void $1.catch(() => undefined);']],
  'no offset moves past work that was under way at the stop': [[/!handled \|\| /, 'handled && ']],
  'no exception reaches kafkajs': [[/\.catch\(.*\)(?=;)/s, '']],
  'an abandoned attempt ends before the next begins': 'removed',
  'heartbeats go on during long work': [[/work\.heartbeat\(\)/, 'Promise.resolve()']],
  'records that no consumer is shown leave no lag': 'removed',
  'kafkajs repeats no send by itself': [[/retries: 0/, 'retries: 2']],
  'one request is in flight, in the order of the calls': [[/this\.#last\.then\(\(\) => (.*)\);/, '$1;']],
  'the producer is not the idempotent one of kafkajs, and none that failed is used again': [
    [/idempotent: false/, 'idempotent: true'],
    [/^ *void this\.#retire\(\);/, ''],
  ],
  'the registry is not called for each undecodable record': [[/= [\d_]+/, '= 0']],
  // http
  'http: a route is closed to every role that the table does not name': 'removed',
  'http: no program starts with a route that the access table does not have': 'removed',
  'http: an operator acts under the name of the token': 'removed',
  // services
  'payments: the row of an order is locked': unlocked,
  'payments: a missing row is inserted before it is locked': [
    [/sql\.query\(INSERT_MISSING, \w+\)/, 'Promise.resolve().then(() => $&)'],
  ],
  'payments: rows are locked in the order of their keys': [
    [/ORDER BY order_id (?=FOR UPDATE)/, 'ORDER BY md5(order_id::text || pg_backend_pid()) '],
    [/ ORDER BY id/, ''],
  ],
  'payments: the provider gets the key of the call': [[/: key/, ': `${key}-${Math.random()}`']],
  'payments: an order whose token no key can decrypt is parked': 'removed',
  'payments: a failure of the provider is no answer': [
    [/throw .*;/s, "return { status: 'declined', declineCode: 'unknown' } as never;"],
  ],
  'inventory: the rows of the stock are locked': unlocked,
  'payments: a refusal that stays is told apart': 'removed',
  'orders: a stream tells a view once, and none that is older than another': [[/isAfter\(.*\)/, 'true']],
  'orders: a customer places orders for no other customer': 'removed',
  'orders: lists hold no orders of other customers': [[/: undefined;/, ': asked;']],
  'orders: a customer finds own orders only': [[/owner === undefined.*;/, 'owner !== customerId || true;']],
  'orders: the payment token leaves a request encrypted': [[/this\.encrypter.*\)/, 'token']],
  'orders: the same Idempotency-Key is the same order': [[/=== undefined/, '!== undefined || true']],
  'orders: an Idempotency-Key belongs to its customer': [[/customerId, /, '']],
  'orders: the version of an event is unique in its order': [[/tracestate text\)(?=`)/, '$& ON CONFLICT DO NOTHING']],
  'orders: a price is never overwritten by an older one': [[/\s+WHERE price_list.*(?=`)/, '']],
  'orders: a view that two instances create at once loses nothing': [
    [/insertViews\(sql, this\.table, fresh/, "$&, 'ON CONFLICT DO NOTHING'"],
  ],
  'notifications: the row of an order is locked': unlocked,
  'migrations: a service does not start on an older database': 'removed',
  'migrations: a service does not start on a database whose newer schema excludes it': 'removed',
  'migrations: a migration that waits for a lock does not hold up the services': 'removed',
  'dead letters: confidential fields are masked': [[/, \.\.\.Object\.fromEntries\(stars\)/, '']],
  'console: an action on letters that have changed is refused': 'removed',
  'console: a token that is sent along comes before the session': 'removed',
  "console: a session is an operator's": 'removed',
  'console: another site signs no reader in': 'removed',
  'console: a command is sent on in the name of its caller': [[/\.\.\.bearer\(caller\?\.token\),/, '']],
  'http: a stream ends when the token of its client expires': 'removed',
  'notifications: a refusal is final only where its enhanced code names the recipient': [[/ && \([^]*\)(?=\n)/, '']],
  'notifications: a mail is not given up once its content is sent': [[/phase === 'recipient' && /, '']],
  'logs: no control character reaches a terminal': [[/\.replace\(CONTROLS, \w+\)/, '']],
  'logs: secrets are masked': [[/\.replace\(SECRET_KEY, '.*?'\)/, '']],
};

const noAnswer: Edit = [[/\[.*\]/s, '[]']];

/** What the simulation of the whole saga notices too, without the test of the part: in which mode, and how it is switched off. */
export const inSimulation: Readonly<Record<string, readonly ['safety' | 'liveness', Edit?]>> = {
  'an event that is twice in a batch is handled once': ['safety'],
  'recorded events go to the outbox in the transaction of their effect': ['liveness', 'removed'],
  'a command that breaks a rule is taken out of its batch alone': ['liveness'],
  'the relay deletes only what was acknowledged': ['liveness'],
  'an external call is made again with the same key until it is answered': ['liveness'],
  'an answer removes its call in its own transaction': ['liveness'],
  'payments: a capture after the cancellation is refunded': ['liveness', 'removed'],
  'payments: a cancellation refunds what was captured': ['liveness', noAnswer],
  'inventory: a cancellation releases the reservation': ['liveness', noAnswer],
};
