import type { RegistryAnswers } from '@orderflow/kafka';
import type { Sql } from './sql.js';

/** What the schema registry has answered to this service, one row for each schema and subject that it has met. */
export class StoredRegistryAnswers implements RegistryAnswers {
  private readonly registry: string;

  /** @param url of the registry: each has ids of its own */
  constructor(
    private readonly database: Sql,
    url: string,
  ) {
    const { host, pathname } = new URL(url);
    this.registry = host + pathname.replace(/\/+$/, '');
  }

  async read(question: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ answer: string }>(
      'SELECT answer FROM registry_answers WHERE registry = $1 AND question = $2',
      [this.registry, question],
    );
    return row?.answer;
  }

  async write(question: string, answer: string): Promise<void> {
    await this.database.query(
      `INSERT INTO registry_answers AS stored (registry, question, answer) VALUES ($1, $2, $3)
       ON CONFLICT (registry, question) DO UPDATE SET answer = excluded.answer WHERE stored.answer <> excluded.answer`,
      [this.registry, question, answer],
    );
  }
}
