/** SQL bound to one connection, inside the batch's transaction. Statements started without awaiting go out back to back. */
export interface Sql {
  /**
   * @param text with `$1`, `$2`, ... ; the same text is prepared once per connection
   * @returns the rows, in the order in which the database gave them
   */
  query<Row = unknown>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}
