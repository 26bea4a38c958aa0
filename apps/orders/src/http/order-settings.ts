/** The settings of orders that requests are answered by. */
export class OrderSettings {
  /** @param mostTotalMinor the most that the payment provider charges at once, in minor units */
  constructor(readonly mostTotalMinor: number) {}
}
