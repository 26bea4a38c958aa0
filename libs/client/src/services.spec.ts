import { afterEach, expect, it } from '@jest/globals';
import { urlsFrom } from './services.js';

afterEach(() => {
  delete process.env['SANDBOX_URL'];
});

it('the other services are at the ports after that of orders', () => {
  expect(urlsFrom('http://localhost:3001')).toEqual({
    orders: 'http://localhost:3001',
    inventory: 'http://localhost:3002',
    payments: 'http://localhost:3003',
    notifications: 'http://localhost:3004',
    sandbox: 'http://localhost:3005',
  });
});

it('a service is where its variable points', () => {
  process.env['SANDBOX_URL'] = 'https://sandbox.example.com/';
  expect(urlsFrom('http://localhost:3001').sandbox).toBe('https://sandbox.example.com');
});

it('a text that is not a URL is rejected by name', () => {
  expect(() => urlsFrom('localhost')).toThrow('localhost is not a URL');
});
