export { type Access, accessOf, mayCall, type Routes } from './access.js';
export { accessTable, consolePages } from './access-table.js';
export { type Authentication, authenticationOf } from './authentication.js';
export { type Caller, limitedTo, type Role } from './caller.js';
export { KeysUnavailable, TokenVerifier, Unauthenticated } from './token-verifier.js';
