import pg from 'pg';

interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** The SELECT statements that all clients of this process send while `work` runs. */
export async function sentDuring(work: () => Promise<unknown>): Promise<Required<Statement>[]> {
  const sent: Required<Statement>[] = [];
  const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function record(...args: unknown[]) {
    const [statement, values = []] = args as [string | Statement, unknown[] | undefined];
    const { text, ...own } = typeof statement === 'string' ? { text: statement } : statement;
    if (/^\s*SELECT/i.test(text) && !text.includes('set_config(')) sent.push({ text, values, ...own });
    return query.apply(this, args);
  };
  await work().finally(() => (prototype.query = query));
  return sent;
}
