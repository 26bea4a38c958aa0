import type { Service } from '@orderflow/contracts';

/** The settings that requests are answered by. */
export class ConsoleSettings {
  /**
   * @param urls base URL of each service, without a trailing slash
   * @param tracesUrl base URL of Jaeger, as a browser reaches it
   * @param hasExamples whether the first page may change prices and stock, for its examples
   * @param sandboxUrl of the sandbox whose faults may be switched on; undefined: nothing is broken from here
   * @param orderDeadlineSeconds after which orders cancels a pending order, where it is known
   */
  constructor(
    readonly urls: Readonly<Record<Service, string>>,
    readonly tracesUrl: string | undefined,
    readonly hasExamples: boolean,
    readonly sandboxUrl: string | undefined,
    readonly orderDeadlineSeconds?: number,
  ) {}
}
