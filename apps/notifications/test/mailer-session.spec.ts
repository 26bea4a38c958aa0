import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { Mailer } from '../src/adapters/mailer.js';
import { callFor, outcomeOf, settings } from './a-mail.js';

let server: SMTPServer;
let mailer: Mailer;
let sessions: { secure: boolean; user: string | undefined }[];

/** @returns the outcome of a mail over such a session. @param url made of the address, `host:port` */
async function outcomeWith(options: SMTPServerOptions, url: (address: string) => string): Promise<unknown> {
  sessions = [];
  server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    ...options,
    onData: (stream, session, done) => {
      sessions.push({ secure: session.secure, user: session.user as string | undefined });
      stream.resume().on('end', () => done());
    },
  });
  // A client that goes away in the middle: the mailer reports the outcome.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  mailer = new Mailer({ ...settings, url: url(`127.0.0.1:${port}`) });
  return outcomeOf(mailer, callFor());
}
beforeEach(() => {
  // The server warns of its well-known certificate.
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(async () => {
  jest.restoreAllMocks();
  mailer.onApplicationShutdown();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const accepted = { type: 'RecordAccepted' };

// Its certificate is self-signed.
describe('TLS', () => {
  const withoutLogin = { disabledCommands: ['AUTH'] };

  it('is not begun with a certificate that is not trusted: all mails wait', async () => {
    expect(await outcomeWith(withoutLogin, (at) => `smtp://${at}`)).toEqual({ when: 'pause' });
    expect(sessions).toEqual([]);
  });

  it.each([
    ['STARTTLS with any certificate', withoutLogin, (at: string) => `smtp://${at}?tls.rejectUnauthorized=false`, true],
    ['TLS from the first byte', { secure: true }, (at: string) => `smtps://${at}?tls.rejectUnauthorized=false`, true],
    ['no TLS, where it is to be ignored', withoutLogin, (at: string) => `smtp://${at}?ignoreTLS=true`, false],
  ])('is what SMTP_URL asks for: %s', async (_, options, url, secure) => {
    expect(await outcomeWith(options, url)).toMatchObject(accepted);
    expect(sessions).toMatchObject([{ secure }]);
  });

  it('may be required', async () => {
    const options = { disabledCommands: ['AUTH', 'STARTTLS'] };
    expect(await outcomeWith(options, (at) => `smtp://${at}?requireTLS=true`)).toMatchObject({ when: 'pause' });
    expect(sessions).toEqual([]);
  });
});

describe('a login', () => {
  const refuses = (responseCode: number): SMTPServerOptions => ({
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      password === 'a b@c' ? done(null, { user: username }) : done(Object.assign(new Error('no'), { responseCode })),
  });

  it('has a user and a password of the URL', async () => {
    expect(await outcomeWith(refuses(535), (at) => `smtp://ada:a%20b%40c@${at}`)).toMatchObject(accepted);
    expect(sessions).toMatchObject([{ user: 'ada' }]);
  });

  it('that is refused pauses all mails for longer than an outage', async () => {
    expect(await outcomeWith(refuses(535), (at) => `smtp://ada:wrong@${at}`)).toEqual({ when: 'pause', ms: 60_000 });
  });

  it('that is refused for now pauses all mails', async () => {
    expect(await outcomeWith(refuses(454), (at) => `smtp://ada:wrong@${at}`)).toEqual({ when: 'pause' });
  });
});
