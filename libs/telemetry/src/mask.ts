// Every repetition is bounded, so that a long line without a match costs no more than its length.
const PASSWORD_IN_URL = /(:\/\/[^\s:/@"\\]{0,64}:)[^\s/@"\\]{1,256}@/g;
const EMAIL = /([A-Za-z0-9])[A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})/g;
const SECRET_KEY =
  /("(?:password|secret|paymentToken|token|authorization|cookie|set-cookie|apiKey)":)"(?:[^"\\]|\\.){0,4096}"/gi;

/**
 * One line of JSON log with e-mail addresses (`a***@example.com`), passwords in URLs and values of secret keys masked,
 * wherever in the line they stand.
 */
export function maskSecrets(line: string): string {
  let masked = line;
  if (masked.includes('@')) masked = masked.replace(PASSWORD_IN_URL, '$1***@').replace(EMAIL, '$1***@$2');
  return masked.replace(SECRET_KEY, '$1"***"');
}
