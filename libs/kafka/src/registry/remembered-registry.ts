import { createHash } from 'node:crypto';
import { isTransient, lineOf } from '../errors.js';
import type { SchemaResolver } from './resolve-schemas.js';
import type { SchemaRegistry } from './schema-registry.js';

/** What a registry has answered, kept beyond the process. */
export interface RegistryAnswers {
  /** @returns the last answer to this question; undefined where there was none */
  read(question: string): Promise<string | undefined>;
  write(question: string, answer: string): Promise<void>;
}

// A question to a registry that is silent takes its whole timeout, and a start asks a dozen of them.
const AWAY_MS = 10_000;

/**
 * A registry whose last answers are used while it cannot be reached, so that a process starts without it and knows what the one
 * before it knew. A registry that answers is always right. Answers do not age: the id of a schema and the schema of an id never
 * change, and the rule of our subjects is one that we demand.
 * Every method rejects with TransientError where the registry is away and was not asked this before.
 */
export class RememberedRegistry implements SchemaResolver, Pick<SchemaRegistry, 'schemaById'> {
  /** Until when it is taken for away, by `performance.now()`. */
  #awayUntil = 0;

  /** @param onAway told why, once for each time that it is away */
  constructor(
    private readonly registry: SchemaResolver & Pick<SchemaRegistry, 'schemaById'>,
    private readonly answers: RegistryAnswers,
    private readonly onAway: (reason: string) => void,
  ) {}

  async register(subject: string, schema: object): Promise<number> {
    return Number(await this.#ask(idQuestion(subject, schema), async () => this.registry.register(subject, schema)));
  }

  async idOf(subject: string, schema: object): Promise<number> {
    return Number(await this.#ask(idQuestion(subject, schema), async () => this.registry.idOf(subject, schema)));
  }

  async schemaById(id: number): Promise<string> {
    return this.#ask(`schema ${id}`, async () => this.registry.schemaById(id));
  }

  async compatibilityOf(subject: string): Promise<string | undefined> {
    const rule = await this.#ask(
      `rule of ${subject}`,
      async () => (await this.registry.compatibilityOf(subject)) ?? UNTOLD,
    );
    return rule === UNTOLD ? undefined : rule;
  }

  async demandCompatibility(subject: string): Promise<void> {
    const question = `rule was demanded of ${subject}`;
    await this.#ask(question, async () => this.registry.demandCompatibility(subject).then(() => 'yes'));
  }

  async #ask(question: string, ask: () => Promise<string | number>): Promise<string> {
    const known = performance.now() < this.#awayUntil ? await this.answers.read(question) : undefined;
    if (known !== undefined) return known;
    let answer: string;
    try {
      answer = String(await ask());
    } catch (error) {
      return await this.#remembered(question, error);
    }
    await this.answers.write(question, answer);
    return answer;
  }

  /** @throws the error where the registry has answered, or this was not asked before */
  async #remembered(question: string, error: unknown): Promise<string> {
    // guard: a registry that refuses is not overruled by its earlier answers
    if (!isTransient(error)) throw error;
    const known = await this.answers.read(question);
    if (known === undefined) throw error;
    if (performance.now() >= this.#awayUntil) this.onAway(lineOf(error));
    this.#awayUntil = performance.now() + AWAY_MS;
    return known;
  }
}

/** The answer of a registry that does not tell its rule. */
const UNTOLD = '';

/** Two versions of a service write two schemas under one subject. */
const idQuestion = (subject: string, schema: object): string =>
  `id of ${subject} ${createHash('sha256').update(JSON.stringify(schema)).digest('hex')}`;
