import type { OrderRow } from '@orderflow/console-api';
import { reasonWords } from './facts.js';

type Known = Pick<OrderRow, 'status' | 'cancelReason' | 'stock' | 'payment' | 'settled' | 'waitsFor' | 'told'>;

/** What is known of an order and what it waits for, in a line. Never more than its events say. */
export function rowWords(row: Known): string {
  if (row.settled) return `${decision(row)} · done, all ${row.told.length} events heard`;
  if (row.status === 'placed') return `${progress(row)}${waits(row)}`;
  return `${decision(row)}${waits(row)}`;
}

function decision({ status, cancelReason }: Known): string {
  if (status === 'cancelled') return `cancelled, ${reasonWords[cancelReason ?? 'unknown']}`;
  return status ?? 'its OrderPlaced was not read yet';
}

function progress({ stock, payment }: Known): string {
  if (payment === 'captured') return 'paid';
  if (payment === 'declined') return 'payment declined';
  if (stock === 'reserved') return 'stock held, being charged';
  return stock === 'rejected' ? 'stock missing' : 'placed';
}

const waits = ({ waitsFor }: Known): string => (waitsFor === null ? '' : ` · ${waitsFor} owes an answer`);
