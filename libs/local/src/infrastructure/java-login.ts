import type { KafkaLogin, KafkaSecurity } from '@orderflow/kafka';

/** How a Java client names it in `security.protocol`. */
export const protocolOf = ({ tls, sasl }: KafkaSecurity): string => {
  const transport = tls === undefined ? 'PLAINTEXT' : 'SSL';
  return sasl === undefined ? transport : `SASL_${transport}`;
};

/** The login of a Java client, as `sasl.jaas.config` has it. */
export function javaLogin({ mechanism, username, password }: KafkaLogin): string {
  const module = mechanism === 'plain' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule';
  const login = `username=${quoted(username)} password=${quoted(password)}`;
  return `org.apache.kafka.common.security.${module} required ${login};`;
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
