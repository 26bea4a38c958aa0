function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

export const config = {
  port: Number(required('PORT')),
  databaseUrl: required('DATABASE_URL'),
  paymentProviderUrl: required('PAYMENT_PROVIDER_URL'),
  smtpUrl: required('SMTP_URL'),
};
