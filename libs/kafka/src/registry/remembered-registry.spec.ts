import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryRegistry } from '../../test/memory-registry.js';
import { RegistrySetupError, TransientError, UnknownSchema } from '../errors.js';
import { RememberedRegistry } from './remembered-registry.js';
import { resolveSchemas } from './resolve-schemas.js';

const AWAY = new TransientError('the schema registry cannot be reached: ECONNREFUSED');
const REFUSED = new RegistrySetupError('schema s is refused by the schema registry');

/** A registry each of whose answers fails while `failure` is set. */
class FailingRegistry extends MemoryRegistry {
  failure: Error | undefined;
  asked = 0;

  override readonly register = async (_subject: string, schema: object) => this.orFail(this.add(schema));
  override readonly idOf = this.register;
  override readonly compatibilityOf = async () => this.orFail('FULL_TRANSITIVE');
  override readonly demandCompatibility = async () => this.orFail(undefined);
  override async schemaById(id: number) {
    return this.orFail(await super.schemaById(id));
  }

  private orFail<T>(answer: T): T {
    this.asked++;
    if (this.failure) throw this.failure;
    return answer;
  }
}

let registry: FailingRegistry;
let kept: Map<string, string>;
let told: string[];

/** As of a new process. */
const started = () => {
  const answers = {
    read: async (question: string) => kept.get(question),
    write: async (question: string, answer: string) => void kept.set(question, answer),
  };
  return new RememberedRegistry(registry, answers, (reason) => told.push(reason));
};
const resolved = async (autoRegister: boolean) =>
  resolveSchemas(started(), ['PaymentCaptured', 'PaymentDeclined'], autoRegister, { withinMs: 0 });

beforeEach(() => {
  registry = new FailingRegistry();
  kept = new Map();
  told = [];
});

describe('while the registry is away', () => {
  it.each([true, false])(
    'a start uses the ids of the start before it, and says so once (register: %s)',
    async (auto) => {
      const before = await resolved(auto);
      registry.failure = AWAY;
      expect([...(await resolved(auto))]).toEqual([...before]);
      expect(told).toEqual([AWAY.message]);
    },
  );

  it('the registry is not asked again at once, since it may be silent', async () => {
    await resolved(true);
    registry.failure = AWAY;
    registry.asked = 0;
    await resolved(true);
    expect(registry.asked).toBe(1);
  });

  it('the schema of an id is known that was looked up before', async () => {
    const id = registry.add({ type: 'string' });
    const text = await started().schemaById(id);
    registry.failure = AWAY;
    expect(await started().schemaById(id)).toBe(text);
  });

  it.each([
    ['an id that was not looked up', async () => started().schemaById(registry.add({ type: 'string' }))],
    ['another schema of the same subject', async () => started().idOf('s', { type: 'string' })],
    ['the rule of another subject', async () => started().compatibilityOf('t')],
  ])('%s is not known', async (_what, ask) => {
    await started().idOf('s', { type: 'int' });
    await started().compatibilityOf('s');
    registry.failure = AWAY;
    await expect(ask()).rejects.toBe(AWAY);
  });
});

describe('a registry that answers', () => {
  it('is right, whatever it has answered before', async () => {
    registry.add({ type: 'int' });
    const before = await started().idOf('s', { type: 'string' });
    registry.schemas.splice(0);
    expect(await started().idOf('s', { type: 'string' })).not.toBe(before);
  });

  it.each([REFUSED, new UnknownSchema(1)])('may refuse what it has answered before: %s', async (refusal) => {
    await started().idOf('s', { type: 'string' });
    registry.failure = refusal;
    await expect(started().idOf('s', { type: 'string' })).rejects.toBe(refusal);
  });

  it('is asked again once it is back', async () => {
    const schema = { type: 'string' };
    await started().idOf('s', schema);
    registry.failure = AWAY;
    await started().idOf('s', schema);
    registry.failure = undefined;
    registry.asked = 0;
    await started().idOf('s', schema);
    expect(registry.asked).toBe(1);
  });
});
