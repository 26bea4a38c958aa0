import { causesOf, lineOf, RegistrySetupError, TransientError, UnknownSchema } from '../errors.js';

const TIMEOUT_MS = 5000;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
/** Old readers can read a new version, and new readers all old versions. */
export const COMPATIBILITY = 'FULL_TRANSITIVE';

// White space and the order of attributes are no part of a schema: without this they would make a version of their own.
const NORMALIZED = 'normalize=true';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * A client of the Confluent REST API (also served by Apicurio at `/apis/ccompat/v7`).
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 * Every method rejects with TransientError when the registry is away, answers 5xx, or takes longer than 5 s.
 */
export class SchemaRegistry {
  readonly #url: string;

  /** @param url up to and including the API's base path, e.g. `http://127.0.0.1:8081/apis/ccompat/v7` */
  constructor(url: string) {
    this.#url = url.replace(/\/+$/, '');
  }

  /** @returns the id of `schema` in `subject`, registered first if missing. @throws RegistrySetupError when it is refused */
  async register(subject: string, schema: object): Promise<number> {
    const answer = await this.#post(`/subjects/${encodeURIComponent(subject)}/versions?${NORMALIZED}`, schema);
    if (answer.status === 409) throw await this.#incompatible(subject, answer);
    return idIn(answer, `schema ${subject} is refused by the schema registry`);
  }

  /** @returns the id of `schema` in `subject`. @throws RegistrySetupError when it is not registered there */
  async idOf(subject: string, schema: object): Promise<number> {
    const answer = await this.#post(`/subjects/${encodeURIComponent(subject)}?${NORMALIZED}`, schema);
    if (answer.status === 404)
      throw new RegistrySetupError(
        `schema ${subject} is not registered as this service writes it: run "orderflow schemas --register", or set SCHEMA_AUTO_REGISTER=true`,
      );
    return idIn(answer, `schema ${subject} cannot be looked up`);
  }

  /** @returns the schema as text, also when its type is not Avro. @throws UnknownSchema */
  async schemaById(id: number): Promise<string> {
    const answer = await this.#call('GET', `/schemas/ids/${id}`);
    if (answer.status === 404) throw new UnknownSchema(id);
    if (answer.status !== 200 || typeof answer.body['schema'] !== 'string')
      throw new TransientError(`the schema registry answers ${answer.status} for schema id ${id}`);
    return answer.body['schema'];
  }

  /**
   * The rule by which new versions of the subject are judged: its own, or that of the whole registry; undefined where the
   * registry does not tell it.
   */
  async compatibilityOf(subject: string): Promise<string | undefined> {
    const own = await this.#call('GET', `/config/${encodeURIComponent(subject)}?defaultToGlobal=true`);
    const rule = own.status === 200 ? own : await this.#call('GET', '/config');
    const level = rule.body['compatibilityLevel'] ?? rule.body['compatibility'];
    return typeof level === 'string' ? level : undefined;
  }

  /** Demands {@link COMPATIBILITY} of the subject, and of no other. Without effect where it is the rule already, or refused. */
  async demandCompatibility(subject: string): Promise<void> {
    if ((await this.compatibilityOf(subject)) === COMPATIBILITY) return;
    await this.#call('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility: COMPATIBILITY });
  }

  async #incompatible(subject: string, refusal: Answer): Promise<RegistrySetupError> {
    const name = (await this.compatibilityOf(subject)) ?? 'the compatibility rule';
    return new RegistrySetupError(
      `schema ${subject} breaks ${name}: ${messageOf(refusal)}; release a version that is compatible with all others (add or remove only fields with defaults)`,
    );
  }

  #post(path: string, schema: object): Promise<Answer> {
    return this.#call('POST', path, { schema: JSON.stringify(schema) });
  }

  async #call(method: string, path: string, body?: object): Promise<Answer> {
    try {
      const response = await fetch(this.#url + path, {
        method,
        headers: { accept: `${CONTENT_TYPE}, application/json`, 'content-type': CONTENT_TYPE },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status >= 500 || response.status === 429)
        throw new TransientError(`the schema registry answers ${response.status}`);
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    } catch (error) {
      if (error instanceof TransientError) throw error;
      // The message is always `fetch failed`; the reason is in its cause.
      throw new TransientError(`the schema registry cannot be reached: ${lineOf(causesOf(error).at(-1) ?? error)}`);
    }
  }
}

function idIn(answer: Answer, what: string): number {
  const id = answer.body['id'];
  if (answer.status === 200 && typeof id === 'number') return id;
  throw new RegistrySetupError(`${what}: ${answer.status} ${messageOf(answer)}`);
}

const messageOf = (answer: Answer): string =>
  lineOf(typeof answer.body['message'] === 'string' ? answer.body['message'] : 'no reason given');
