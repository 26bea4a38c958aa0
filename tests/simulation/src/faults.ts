import { placeOf } from './codecs.js';
import type { Fault } from './plan.js';
import type { Running } from './running.js';
import type { Operation } from './scheduler.js';
import type { Shop } from './shop.js';

const LEASE_IS_OVER_MS = 16_000;
const DEADLINE_IS_OVER_MS = 61_000;

/** Does to the shop what a fault says, where there is something for it to hit. @returns what was done, in words */
export function strike(shop: Shop, { kind, which }: Fault): string | undefined {
  const members = shop.members.filter(({ process }) => process.alive);
  const member = members[which % members.length];
  if (!member) return undefined;
  const { process } = member;
  switch (kind) {
    case 'kill':
      shop.kill(member);
      return `${process.name} is killed`;
    case 'kill after the effect':
      return killAfterTheEffect(shop, member);
    case 'stop':
      return stop(shop, member, which);
    case 'expel from its groups':
      shop.expel(process);
      return `${process.name} is expelled from its groups`;
    case 'lose an answer':
      return atOne(shop, which, (operation) => loseAnswer(shop, operation));
    case 'refuse a request':
      return atOne(shop, which, (operation) => {
        operation.run('refused');
        return `${operation.process.name}: ${operation.label} is refused`;
      });
    case 'let time leap':
      shop.clock.passTo(shop.clock.now + (which % 2 ? LEASE_IS_OVER_MS : DEADLINE_IS_OVER_MS));
      return 'time leaps';
    case 'make undecodable':
      return makeUndecodable(shop, member, which);
    case 'refuse a record':
      return refuseRecord(shop, member);
    case 'store a part':
      shop.broker.storesAPart = true;
      return 'of the next send only a part is stored';
    case 'deliver all again':
      for (const consumer of shop.broker.consumers) if (consumer.process === process) consumer.rewind();
      return `${process.name} gets all again`;
    case 'hold back a partition':
      return holdBack(shop, member, which);
    case 'end a session':
      return endSessions(shop, member);
    case 'post again':
      return postAgain(shop, which);
  }
}

/** A short stop goes unnoticed; then its groups go on without it, and at last the database does. */
function stop(shop: Shop, member: Running, which: number): string {
  const { process } = member;
  process.pausedUntil = shop.scheduler.step + 20 + which;
  if (which < 20) return `${process.name} stands still`;
  shop.expel(process);
  if (which % 2) endSessions(shop, member);
  return `${process.name} stands still, and ${which % 2 ? 'groups and database' : 'its groups'} go on without it`;
}

/** What it has asked for may still take place. */
function killAfterTheEffect(shop: Shop, member: Running): string {
  const last = shop.scheduler.ready().filter(({ process }) => process === member.process);
  member.process.alive = false;
  for (const operation of last) operation.run();
  shop.kill(member);
  return `${member.process.name} is killed, after ${last.map(({ label }) => label).join(', ') || 'nothing'}`;
}

function atOne(shop: Shop, which: number, act: (operation: Operation) => string): string | undefined {
  // What does not leave the process cannot be lost.
  const remote = shop.scheduler.ready().filter(({ label }) => label !== 'next turn' && label !== 'timer');
  const operation = remote[which % remote.length];
  return operation && act(operation);
}

function loseAnswer({ rules }: Shop, operation: Operation): string {
  if (operation.label === 'COMMIT') rules.rare.add('a commit whose answer was lost');
  if (operation.label.startsWith('send ')) rules.rare.add('a send whose outcome was unknown');
  operation.run('lost');
  return `${operation.process.name}: the answer to ${operation.label} is lost`;
}

/** The next record that one of its consumers would get. */
function makeUndecodable(shop: Shop, { process, service }: Running, which: number): string | undefined {
  const next = [...shop.broker.consumers].flatMap((consumer) => (consumer.process === process ? consumer.next() : []));
  const record = next[which % next.length];
  if (!record) return undefined;
  shop.undecodable.set(placeOf(service, record), 1 + (which % 2));
  return `${process.name} cannot read ${record.topic}/${record.partition}/${record.offset}`;
}

function refuseRecord(shop: Shop, { service }: Running): string | undefined {
  const [row] = shop.services[service].outbox.rows.rows.values();
  if (!row) return undefined;
  shop.broker.refuses.add(row.headers['ce_id']!);
  return `the broker refuses ${row.headers['ce_type']} of ${row.key.slice(-2)}`;
}

/** So that what is said in other topics overtakes it. */
function holdBack(shop: Shop, { process }: Running, which: number): string | undefined {
  const own = [...shop.broker.consumers].filter((consumer) => consumer.process === process);
  const name = own[which % own.length]?.holdBack(which, shop.scheduler.step + 30 + 2 * which);
  return name && `${process.name} hears nothing of ${name} for a while`;
}

function endSessions(shop: Shop, { process, service }: Running): string {
  for (const session of shop.services[service].server.sessions) {
    if (session.process !== process) continue;
    if ([...session.transactions].some(({ isOver }) => !isOver))
      shop.rules.rare.add('a session ended under its transaction');
    session.end();
  }
  return `the sessions of ${process.name} are ended`;
}

function postAgain({ customers, members }: Shop, which: number): string | undefined {
  const customer = customers[which % customers.length];
  const orders = members.filter(({ service, process }) => service === 'orders' && process.alive);
  const member = orders[which % orders.length];
  if (!customer || !member) return undefined;
  void customer.placeAgain(member);
  return `order ${customer.orderId.slice(-2)} is posted once more`;
}
