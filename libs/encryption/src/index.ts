export { FieldDecrypter, isEncrypted, UnknownKey, UnreadableField } from './field-decrypter.js';
export { FieldEncrypter } from './field-encrypter.js';
export { newKeyPair, type PrivateKey, privateKeysSetting, type PublicKey, publicKeySetting } from './keys.js';
