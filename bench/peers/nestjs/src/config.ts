function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

export const config = {
  service: required('SERVICE'),
  port: Number(required('PORT')),
  databaseUrl: required('DATABASE_URL'),
  brokers: required('KAFKA_BROKERS').split(','),
  /** Before every topic's name. */
  topicPrefix: process.env['TOPIC_PREFIX'] ?? '',
  publishing: required('PUBLISHING'),
  paymentProviderUrl: required('PAYMENT_PROVIDER_URL'),
  smtpUrl: required('SMTP_URL'),
};
