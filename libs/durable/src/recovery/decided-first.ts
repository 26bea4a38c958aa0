import type { EventType } from '@orderflow/contracts';
import type { ServiceTypes } from '@orderflow/decider';
import type { RawRecord } from '@orderflow/kafka';
import type { Dependencies } from '../definition/dependencies.js';
import type { ConsumerDefinition, ServiceDefinition } from '../definition/service-definition.js';
import { CommandHandler } from '../transaction/command-handler.js';
import { commandOf, eventsIn, type Traced } from './events-in.js';

/** Events of others that a restored service decides before it consumes anything: see `TakeBack`. */
export class DecidedFirst<T extends ServiceTypes> {
  readonly types: readonly EventType[];
  private readonly handler: CommandHandler<T>;

  constructor(
    private readonly definition: ServiceDefinition<T>,
    private readonly dependencies: Pick<Dependencies, 'store' | 'codec' | 'settings' | 'clock' | 'log' | 'onFatal'>,
  ) {
    this.types = definition.takeBack.decidedFirst ?? [];
    // Without workers behind its commits: the service makes the calls once it runs.
    this.handler = new CommandHandler<T>(definition, dependencies);
  }

  /** The events among these records, in order. @throws TransientError when the registry does not answer */
  decode(records: readonly RawRecord[]): Promise<Traced[]> {
    return eventsIn(records, this.types, this.definition.service, this.dependencies);
  }

  /**
   * Decides events as the service does. The inbox and the offsets are left as they are: the service consumes these events
   * afterwards, and parks those that break a rule.
   */
  async decide(events: readonly Traced[]): Promise<void> {
    const { reactions }: ConsumerDefinition<T> = this.definition;
    const { clock } = this.dependencies;
    if (events.length > 0) await this.handler.handle(events.map((traced) => commandOf(reactions, traced, clock)));
  }

  async end(): Promise<void> {
    await this.handler.end();
  }
}
