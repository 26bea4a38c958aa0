import { createRequire } from 'node:module';
import { describe, expect, it, jest } from '@jest/globals';
import { guardRequestQueueTimer } from './request-queue-timer.js';

interface Queue {
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  push(request: object): void;
  fulfillRequest(response: object): void;
  scheduleCheckPendingRequests(): void;
}

guardRequestQueueTimer();
const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
  options: object,
) => Queue;

const logger = { debug: () => undefined, warn: () => undefined };
const queue = (maxInFlightRequests: number | null = null) =>
  new RequestQueue({ maxInFlightRequests, requestTimeout: 1000, clientId: 'c', broker: 'b', logger });
const request = (correlationId: number, sent: number[]) => ({
  entry: { correlationId, resolve: () => undefined, reject: () => undefined },
  expectResponse: true,
  sendRequest: () => sent.push(correlationId),
});

describe("the guard of kafkajs' request queue", () => {
  it('sets no timer while the queue is empty', () => {
    const idle = queue();
    idle.scheduleCheckPendingRequests();
    expect(idle.throttleCheckTimeoutId).toBeNull();
  });

  it('sends a pending request when the broker ends its throttling', () => {
    jest.useFakeTimers();
    try {
      const sent: number[] = [];
      const throttled = queue();
      throttled.throttledUntil = Date.now() + 500;
      throttled.push(request(1, sent));
      jest.advanceTimersByTime(499);
      expect(sent).toEqual([]);
      jest.advanceTimersByTime(20);
      expect(sent).toEqual([1]);
      expect(throttled.throttleCheckTimeoutId).toBeNull();
    } finally {
      jest.useRealTimers();
    }
  });

  it('sends a pending request when the answer to another one arrives', () => {
    const sent: number[] = [];
    const full = queue(1);
    full.push(request(1, sent));
    full.push(request(2, sent));
    expect(sent).toEqual([1]);
    full.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
    expect(sent).toEqual([1, 2]);
  });
});
