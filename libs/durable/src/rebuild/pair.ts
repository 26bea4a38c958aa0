/** What is stored of a subject, beside what was built anew. */
export interface Pair {
  readonly key: string;
  /** By column; null where there is no such row. */
  readonly live: object | null;
  readonly rebuilt: object | null;
}
