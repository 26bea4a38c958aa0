import type { KafkaSecurity } from '@orderflow/kafka';
import { BROKER_NAME, type KafkaBrokerSecurity } from '../infrastructure/kafka-properties.js';
import { allowRegistry } from '../system/topics.js';
import type { Authority, Certified } from './authority.js';
import { kafkaSecurityAs, keptLogins, type Logins } from './logins.js';

/** Where the parts are reached on this machine. */
const HOSTS = ['localhost', '127.0.0.1'];

/** The certificates and logins of the built-in parts, in files of one folder. */
export class Security {
  private constructor(
    private readonly authority: Authority,
    readonly logins: Logins,
  ) {}

  /** Those in `dir`, made at the first call. */
  static async in(dir: string): Promise<Security> {
    // Loaded only here: a plain system makes no certificates.
    const { Authority } = await import('./authority.js');
    const authority = await Authority.in(dir);
    return new Security(authority, await keptLogins(dir, authority.file));
  }

  /** @param hosts further names under which it is reached */
  async ofKafka(hosts: readonly string[] = []): Promise<KafkaBrokerSecurity> {
    const certified = await this.authority.certify(BROKER_NAME, [...HOSTS, ...hosts]);
    return { certified, authority: this.authority.certificate, logins: this.logins.kafka };
  }

  /** @param hosts further names under which it is reached */
  async ofPostgres(hosts: readonly string[] = []): Promise<{ certified: Certified; authorityFile: string }> {
    const certified = await this.authority.certify('postgres', [...HOSTS, ...hosts]);
    return { certified, authorityFile: this.authority.file };
  }

  /** Lets the registry use its own topics at these brokers. @returns how it logs in there */
  async ofRegistry(kafkaBrokers: string): Promise<KafkaSecurity> {
    await allowRegistry(kafkaBrokers, await kafkaSecurityAs('admin', this.logins));
    return kafkaSecurityAs('registry', this.logins);
  }
}
