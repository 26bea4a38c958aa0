/** The settings of orders that requests are answered by. */
export class OrderSettings {
  /**
   * @param mostTotalMinor the most that the payment provider charges at once, in minor units
   * @param idempotencySecret makes the ids of orders from the keys of requests
   */
  constructor(
    readonly mostTotalMinor: number,
    readonly idempotencySecret: string,
  ) {}
}
