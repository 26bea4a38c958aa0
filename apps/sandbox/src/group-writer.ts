/**
 * Group commit: writes the items that arrived while the previous statement ran, at most `most`, with one statement.
 * It never lingers: a single item is a group of one.
 */
export class GroupWriter<Item, Result> {
  private queue: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  private isWriting = false;

  /** @param write stores the items in one statement and answers with one result per item, in their order */
  constructor(
    private readonly write: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly most = 500,
  ) {}

  /** Resolves when the item is committed; rejects with what `write` threw. */
  add(item: Item): Promise<Result> {
    const result = new Promise<Result>((resolve, reject) => this.queue.push({ item, resolve, reject }));
    if (!this.isWriting) {
      this.isWriting = true;
      // Includes the requests that were read in the same turn of the event loop.
      setImmediate(() => void this.drain());
    }
    return result;
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      const group = this.queue.splice(0, this.most);
      try {
        const results = await this.write(group.map(({ item }) => item));
        group.forEach(({ resolve }, index) => resolve(results[index]!));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.isWriting = false;
  }
}
