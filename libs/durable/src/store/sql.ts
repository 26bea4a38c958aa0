/** SQL on one connection. Inside a batch's transaction, statements that are started without awaiting are pipelined. */
export interface Sql {
  /**
   * @param text with `$1`, `$2`, ...; the same text is prepared once per connection
   * @returns the rows in the order of the database
   */
  query<Row = unknown>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}
