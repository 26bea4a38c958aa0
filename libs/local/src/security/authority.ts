import 'reflect-metadata';
import { createPrivateKey, type webcrypto as crypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const { subtle } = globalThis.crypto;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

const DAY_MS = 24 * 3600 * 1000;
const AUTHORITY_DAYS = 3650;
// A start makes new ones.
const CERTIFICATE_DAYS = 365;

/** A certificate and its private key, PEM. */
export interface Certified {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A certificate authority (X.509) for the parts of one system on this machine. */
export class Authority {
  private constructor(
    private readonly own: X509Certificate,
    private readonly key: crypto.CryptoKey,
    /** Of its certificate, which clients trust, PEM. */
    readonly file: string,
  ) {}

  /** The authority in `dir`, made at the first call. Its key is readable by its owner alone. */
  static async in(dir: string): Promise<Authority> {
    // Programs with other working directories read the file.
    const [file, keyFile] = [resolve(dir, 'authority.pem'), resolve(dir, 'authority.key')];
    // The certificate last: an earlier call may have been killed between the two files.
    if (!existsSync(file)) {
      await mkdir(dir, { recursive: true });
      const made = await newAuthority();
      await writeFile(keyFile, made.privateKey, { mode: 0o600 });
      await writeFile(file, made.certificate);
    }
    const key = await privateKeyIn(await readFile(keyFile, 'utf8'));
    return new Authority(new X509Certificate(await readFile(file, 'utf8')), key, file);
  }

  /** Its certificate, PEM. */
  get certificate(): string {
    return pemOf(this.own);
  }

  /**
   * A new key with a certificate, for a server and its own connections to others.
   * @param name common name of its subject. @param hosts names and addresses under which it is reached
   */
  async certify(name: string, hosts: readonly string[]): Promise<Certified> {
    const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.create({
      ...validFor(CERTIFICATE_DAYS),
      subject: `CN=${name}`,
      issuer: this.own.subject,
      publicKey: keys.publicKey,
      signingKey: this.key,
      signingAlgorithm: SIGNATURE,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension(
          hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
        ),
      ],
    });
    return { certificate: pemOf(certificate), privateKey: await pemOfKey(keys.privateKey) };
  }
}

async function newAuthority(): Promise<Certified> {
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validFor(AUTHORITY_DAYS),
    name: 'CN=Orderflow on this machine',
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      // It signs no other authority.
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
    ],
  });
  return { certificate: pemOf(certificate), privateKey: await pemOfKey(keys.privateKey) };
}

function validFor(days: number): { notBefore: Date; notAfter: Date } {
  // A day in the past: clocks differ.
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + days * DAY_MS) };
}

const pemOf = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`;

async function pemOfKey(key: crypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

const privateKeyIn = async (pem: string): Promise<crypto.CryptoKey> =>
  subtle.importKey('pkcs8', createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' }), ALGORITHM, false, ['sign']);
