import type { Settlements } from '@orderflow/decider';
import { type Clock, type Commands, type Log, orTransientError, type Sql } from '@orderflow/durable';
import { Problem } from '@orderflow/http';
import {
  type CallAction,
  type FailedCall,
  type FailedCallDetail,
  type FailedCallFilter,
  FailedCalls,
} from './failed-calls.js';

const ACTIONS_SHOWN = 100;

/** The settlement that an operator chose, and why. */
export interface ChosenSettlement {
  readonly as: string;
  readonly reason: string;
  /** The other side's id of what was done there. */
  readonly reference?: string;
}

interface DeadCallsDependencies {
  readonly database: Sql;
  readonly log: Pick<Log, 'info'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly commands: Pick<Commands, 'submit'>;
  readonly settlements: Settlements<unknown>;
  readonly confidential: Readonly<Record<string, readonly string[]>>;
}

/**
 * The operations on external calls that fail. A dead letter, refused too often, or a call that was put off is made again, or
 * settled: then the operator's answer takes the place of the other side's, in one transaction with its effects.
 */
export class DeadCalls {
  private readonly database: Sql;
  private readonly calls = new FailedCalls();

  constructor(private readonly dependencies: DeadCallsDependencies) {
    this.database = orTransientError(dependencies.database);
  }

  /** In the order of their keys. @param after key of the last one seen */
  list(filter: FailedCallFilter, after: string, limit: number): Promise<FailedCall[]> {
    return this.calls.list(this.database, filter, after, limit);
  }

  /** Without the values of confidential fields. @throws Problem 404 */
  async find(key: string): Promise<{ call: FailedCallDetail; actions: readonly CallAction[] }> {
    const found = await this.failed(key);
    const call = { ...found, request: masked(found.request, this.dependencies.confidential[found.kind] ?? []) };
    return { call, actions: await this.calls.actions(this.database, { key }, ACTIONS_SHOWN) };
  }

  /** The settlements that an operator can choose for this kind of call. */
  choicesFor(kind: string): string[] {
    return Object.keys(this.dependencies.settlements[kind] ?? {});
  }

  /** @returns the call, due now. @throws Problem 404, or 409 when it is no dead letter and does not wait */
  async retry(key: string, operator: string): Promise<FailedCall> {
    const call = await this.calls.retry(this.database, key, operator);
    if (!call) return notOpen(await this.failed(key));
    this.report('to be made again', call, { operator });
    return call;
  }

  /**
   * @returns the settled call
   * @throws Problem 404, 409 when it is no dead letter and does not wait, 422 when its kind has no such settlement; BrokenRule when the state of
   *   its subject does not allow it
   */
  async settle(key: string, { as, reason, reference }: ChosenSettlement, operator: string): Promise<FailedCall> {
    const { settlements, commands, clock } = this.dependencies;
    const call = await this.failed(key);
    if (call.state !== 'dead' && call.state !== 'waiting') return notOpen(call);
    const choices = this.choicesFor(call.kind);
    if (!choices.includes(as)) return unknownChoice(call, choices);
    const at = new Date(clock.now());
    const command = settlements[call.kind]![as]!(call, { reference, reason, at: at.toISOString() });
    const context = { ...call.context, at };
    const settledBy = { action: as, operator, reason };
    const outcome = await commands.submit({ kind: 'command', command, context, answers: key, settledBy });
    if (outcome.kind === 'refused') throw outcome.error;
    this.report('settled', call, settledBy);
    return { ...call, state: 'settled' };
  }

  /** The operators' actions, the latest first. @param before id of the last one seen */
  actions(before: string | undefined, limit: number): Promise<CallAction[]> {
    return this.calls.actions(this.database, { before }, limit);
  }

  private async failed(key: string): Promise<FailedCallDetail> {
    return (await this.calls.find(this.database, key)) ?? notFailed();
  }

  private report(action: string, { key, kind, subject }: FailedCall, more: object): void {
    this.dependencies.log.info({ key, kind, orderId: subject, ...more }, `external call ${action}`);
  }
}

/** Where they are encrypted, they are of no use to an operator either. */
function masked(request: unknown, fields: readonly string[]): unknown {
  if (typeof request !== 'object' || request === null) return request;
  const given = fields.filter((field) => field in request);
  return { ...request, ...Object.fromEntries(given.map((field) => [field, '***'])) };
}

function notFailed(): never {
  const detail = 'No failed call has this key: it was answered, has not failed yet, or never existed.';
  throw new Problem(404, 'not-found', detail);
}

function notOpen({ state }: FailedCall): never {
  const detail = state === 'settled' ? 'It is settled already.' : 'It is made automatically, and may yet be answered.';
  throw new Problem(409, 'not-a-dead-letter', detail, { members: { state } });
}

function unknownChoice({ kind }: FailedCall, choices: readonly string[]): never {
  const detail = `A ${kind} can be settled as: ${choices.join(', ') || 'nothing; it can only be made again'}.`;
  throw new Problem(422, 'unknown-settlement', detail, { members: { choices } });
}
