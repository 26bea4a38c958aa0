import { readFileSync } from 'node:fs';
import { type KafkaEnv, kafkaEnv, parseConfig } from '@orderflow/config';
import { z } from 'zod';
import { causesOf, KafkaSetupError, lineOf } from '../errors.js';

/** How a client proves who it is to the brokers, and the brokers to it. */
export interface KafkaSecurity {
  /** TLS, with the certificate and the name of the broker checked. */
  readonly tls?: {
    /** Certificates of authorities, PEM; without them those that Node.js knows. */
    readonly ca?: string;
  };
  readonly sasl?: KafkaLogin;
}

/** A login by SASL. */
export interface KafkaLogin {
  readonly mechanism: KafkaEnv['KAFKA_SASL_MECHANISM'];
  readonly username: string;
  readonly password: string;
}

/**
 * The security that the settings of a program ask for.
 * @throws KafkaSetupError with one line when they ask for half of it, or the file of the authority cannot be read
 */
export function kafkaSecurityOf(env: KafkaEnv): KafkaSecurity {
  const {
    KAFKA_TLS: isEncrypted,
    KAFKA_TLS_CA_FILE: file,
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = env;
  if ((username === undefined) !== (password === undefined))
    throw new KafkaSetupError('KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD belong together: set both, or none.');
  if (file !== undefined && !isEncrypted)
    throw new KafkaSetupError('KAFKA_TLS_CA_FILE is set, and KAFKA_TLS is not true: set it, or unset the file.');
  if (mechanism === 'plain' && username !== undefined && !isEncrypted)
    throw new KafkaSetupError('KAFKA_SASL_MECHANISM=PLAIN sends the password in clear: set KAFKA_TLS=true.');
  return {
    ...(isEncrypted && { tls: file === undefined ? {} : { ca: contentOf(file) } }),
    ...(username !== undefined && password !== undefined && { sasl: { mechanism, username, password } }),
  };
}

/**
 * The same, for a program that is no service and reads its environment itself.
 * @throws KafkaSetupError or StartError with a line for each setting that is not valid
 */
export const kafkaSecurityFrom = (env: NodeJS.ProcessEnv = process.env): KafkaSecurity =>
  kafkaSecurityOf(parseConfig(z.object(kafkaEnv), env));

// Of Node.js and OpenSSL: https://nodejs.org/api/tls.html#x509-certificate-error-codes
const CERTIFICATE = /certificate|altnames/i;

/** For operators, one line: why trying again cannot help. Undefined for any other error of a connection. */
export function refusalIn(
  error: unknown,
  { brokers, security }: { brokers: readonly string[]; security?: KafkaSecurity },
): string | undefined {
  const place = `KAFKA_BROKERS ${brokers.join(',')}`;
  const causes = causesOf(error);
  if (causes.some(({ name }) => name === 'KafkaJSSASLAuthenticationError'))
    return `${place} refuse the login of "${security?.sasl?.username}": correct KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD.`;
  const certificate = causes.find(({ message }) => typeof message === 'string' && CERTIFICATE.test(message));
  if (security?.tls !== undefined && certificate !== undefined)
    return `${place} show a certificate that is not trusted (${lineOf(certificate)}): set KAFKA_TLS_CA_FILE to the certificate of its authority.`;
  return undefined;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KafkaSetupError(`KAFKA_TLS_CA_FILE cannot be read: ${lineOf(error)}`);
  }
}
