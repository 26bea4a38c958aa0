import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { ExternalCall } from '@orderflow/decider';
import { FieldDecrypter, FieldEncrypter, newKeyPair, UnknownKey } from '@orderflow/encryption';
import { randomUUID } from 'node:crypto';
import type { PaymentCommand } from '../domain/payment.js';
import { PaymentTokens } from './payment-tokens.js';

const [held, foreign] = await Promise.all([newKeyPair(), newKeyPair()]);
const never = new AbortController().signal;
const charged: ExternalCall[] = [];
const provider = {
  charge: async (call: ExternalCall): Promise<PaymentCommand> => {
    charged.push(call);
    return { type: 'RecordCapture', orderId: call.subject, chargeId: 'ch_1' };
  },
};
const tokens = new PaymentTokens(new FieldDecrypter([held.privateKey]), provider);
const encrypted = (orderId: string, key = held.publicKey) => new FieldEncrypter(key).encrypt('tok_visa', orderId);
const chargeOf = (subject: string, token: string): ExternalCall => ({
  key: `charge-${subject}`,
  kind: 'charge',
  subject,
  request: { amountMinor: 1900, currency: 'EUR', token },
});

afterEach(() => {
  jest.restoreAllMocks();
  charged.length = 0;
});

describe('a charge', () => {
  it('is made with the decrypted token, and the call itself keeps the encrypted one', async () => {
    const orderId = randomUUID();
    const call = chargeOf(orderId, encrypted(orderId));
    await expect(tokens.charge(call, never)).resolves.toMatchObject({ type: 'RecordCapture' });
    expect(charged).toMatchObject([{ key: call.key, request: { token: 'tok_visa', amountMinor: 1900 } }]);
    expect(JSON.stringify(call)).not.toContain('tok_visa');
  });

  it('of an order from before tokens were encrypted is made with its token', async () => {
    await tokens.charge(chargeOf(randomUUID(), 'tok_visa'), never);
    expect(charged).toMatchObject([{ request: { token: 'tok_visa' } }]);
  });

  it("is declined, and an error is logged, when the token is another order's", async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const orderId = randomUUID();
    const answer = await tokens.charge(chargeOf(orderId, encrypted(randomUUID())), never);
    expect(answer).toEqual({ type: 'RecordDecline', orderId, code: 'unreadable_token' });
    expect(charged).toEqual([]);
    expect(error).toHaveBeenCalledTimes(1);
  });

  it('has no answer, and is made again, while the key of its token is missing', async () => {
    const orderId = randomUUID();
    const call = chargeOf(orderId, encrypted(orderId, foreign.publicKey));
    await expect(tokens.charge(call, never)).rejects.toThrow(UnknownKey);
  });
});

describe('an order', () => {
  // proves: payments: an order whose token no key can decrypt is parked
  it('is refused while the key of its token is missing, with the name of the key', async () => {
    const token = encrypted(randomUUID(), foreign.publicKey);
    expect(() => tokens.demandKey(token)).toThrow(`no private key "${foreign.publicKey.kid}" is held`);
  });

  it('is taken on where the key is held, and where its token is from before tokens were encrypted', async () => {
    const token = encrypted(randomUUID());
    for (const readable of [token, 'tok_visa']) expect(() => tokens.demandKey(readable)).not.toThrow();
  });
});
