import { expect, it } from '@jest/globals';
import { TestDatabase } from '@orderflow/testing';
import { Database } from '../src/store/database.js';
import { StoredRegistryAnswers } from '../src/store/registry-answers.js';

const own = new TestDatabase('payments', 'test');
const answersOf = (url: string) => new StoredRegistryAnswers(own.ending(new Database(own.url, 'test')), url);

it('the last answer of a registry is kept, for all processes of the service', async () => {
  await answersOf('http://registry:8080/apis/ccompat/v7').write('a', '1');
  await answersOf('http://registry:8080/apis/ccompat/v7/').write('a', '2');
  await answersOf('https://user:secret@registry:8080/apis/ccompat/v7').write('b', '3');
  const answers = answersOf('http://registry:8080/apis/ccompat/v7');
  expect([await answers.read('a'), await answers.read('b'), await answers.read('c')]).toEqual(['2', '3', undefined]);
});

it('another registry has answers of its own', async () => {
  await answersOf('http://one:8080/apis').write('a', '1');
  expect(await answersOf('http://two:8080/apis').read('a')).toBeUndefined();
});

it('a password in the URL is not stored', async () => {
  const database = own.ending(new Database(own.url, 'test'));
  await new StoredRegistryAnswers(database, 'http://user:secret@registry/').write('a', '1');
  const rows = await database.query('SELECT registry FROM registry_answers');
  expect(JSON.stringify(rows)).not.toContain('secret');
});
