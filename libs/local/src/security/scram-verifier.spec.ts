import { createHash, createHmac } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { scramVerifier } from './scram-verifier.js';

it('verifies the client and signs as the server of the example in RFC 7677', () => {
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const salt = 'W22ZaJ0SNY7soEsUEjb6gQ==';
  const message = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=${salt},i=4096,c=biws,r=${nonce}`;
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');

  const verifier = scramVerifier('pencil', Buffer.from(salt, 'base64'));

  const [, stored = '', server = ''] = /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$(.+):(.+)$/.exec(verifier) ?? [];
  const sign = (key: string) => createHmac('sha256', Buffer.from(key, 'base64')).update(message).digest();
  const signature = sign(stored);
  const clientKey = proof.map((byte, index) => byte ^ signature[index]!);
  expect(createHash('sha256').update(clientKey).digest('base64')).toBe(stored);
  expect(sign(server).toString('base64')).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
});

it('has another salt each time, and not the password', () => {
  expect(scramVerifier('pencil')).not.toBe(scramVerifier('pencil'));
  expect(scramVerifier('pencil')).not.toContain('pencil');
});
