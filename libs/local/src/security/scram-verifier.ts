import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

// PostgreSQL's own: https://www.postgresql.org/docs/18/runtime-config-connection.html#GUC-SCRAM-ITERATIONS
const ITERATIONS = 4096;

/**
 * What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5802 and 7677), as `\password` of psql sends it: the text of a
 * statement can appear in the log of the server.
 * @param password of printable ASCII
 */
export function scramVerifier(password: string, salt = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const keyed = (name: string) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest();
  const [saltText, stored, server] = [salt, storedKey, keyed('Server Key')].map((it) => it.toString('base64'));
  return `SCRAM-SHA-256$${ITERATIONS}:${saltText}$${stored}:${server}`;
}
