import { createTransport } from 'nodemailer';
import { config } from './config.js';
import type { Order, Outcome } from './order.js';

const mailer = createTransport(config.smtpUrl, { from: 'Shop <shop@example.com>' });

export async function notify({ orderId, email }: Order, outcome: Outcome): Promise<void> {
  await mailer.sendMail({
    to: email,
    subject: `Your order is ${outcome}`,
    text: `Your order ${orderId} is ${outcome}.`,
    headers: { 'X-Order-Id': orderId, 'X-Template': `order-${outcome}` },
  });
}
