import { BROKER_NAME, type KafkaBrokerSecurity } from '../infrastructure/kafka-properties.js';
import { registryAcls } from '../infrastructure/registry.js';
import type { Authority, Certified } from './authority.js';
import { kafkaSecurityAs, keptLogins, type Logins } from './logins.js';

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

  async ofKafka(): Promise<KafkaBrokerSecurity> {
    const certified = await this.authority.certify(BROKER_NAME, HOSTS);
    return { certified, authority: this.authority.certificate, logins: this.logins.kafka };
  }

  async ofPostgres(): Promise<{ certified: Certified; authorityFile: string }> {
    return { certified: await this.authority.certify('postgres', HOSTS), authorityFile: this.authority.file };
  }

  /** Lets the registry use its own topics at these brokers. @returns how it logs in there */
  async ofRegistry(kafkaBrokers: string): Promise<{ authorityFile: string; password: string }> {
    const { KafkajsBroker } = await import('@orderflow/kafka');
    const security = await kafkaSecurityAs('admin', this.logins);
    const broker = new KafkajsBroker({ brokers: kafkaBrokers.split(','), clientId: 'security', security });
    try {
      await broker.setAcls(registryAcls);
    } finally {
      await broker.disconnect();
    }
    return { authorityFile: this.logins.authorityFile, password: this.logins.kafka.registry };
  }
}
