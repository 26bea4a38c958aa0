// Every repetition is bounded, so that masking a line takes linear time.
const PASSWORD_IN_URL = /(:\/\/[^\s:/@"\\]{0,64}:)[^\s/@"\\]{1,256}@/g;
const EMAIL = /([A-Za-z0-9])[A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})/g;
const SECRET_KEY =
  /("(?:password|secret|paymentToken|token|authorization|cookie|set-cookie|apiKey)":)"(?:[^"\\]|\\.){0,4096}"/gi;
// Compact form (RFC 7519): its first part is a JSON object, which begins with {" in base64url.
const TOKEN = /\beyJ[\w-]{8,2048}\.[\w-]{8,8192}\.[\w-]{8,1024}/g;

// JSON does not escape these characters, and a terminal obeys them: delete, the C1 controls, and two line separators.
const CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * One line of JSON log with e-mail addresses (`a***@example.com`), passwords in URLs, JWTs and values of secret keys masked
 * anywhere in the line, and with the control characters escaped that JSON leaves as they are.
 */
export function maskSecrets(line: string): string {
  let masked = line;
  if (masked.includes('@')) masked = masked.replace(PASSWORD_IN_URL, '$1***@').replace(EMAIL, '$1***@$2');
  if (masked.includes('eyJ')) masked = masked.replace(TOKEN, '***');
  // guard: logs: no control character reaches a terminal
  // guard: logs: secrets are masked
  return masked.replace(SECRET_KEY, '$1"***"').replace(CONTROLS, escaped);
}
