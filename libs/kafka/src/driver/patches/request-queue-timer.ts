/**
 * kafkajs 2.2.4 checks each connection's queue of pending requests by a timer that it sets again whenever it fires, also
 * while the queue is empty, after `throttledUntil - now` ms, which is below zero as long as the broker does not throttle. So
 * every connection wakes the process a thousand times a second (2,500 wake-ups/s were measured idle), and Node 24 prints a
 * TimeoutNegativeWarning. See kafkajs/src/network/requestQueue/index.js, scheduleCheckPendingRequests.
 *
 * The guard sets the timer only while requests are pending. `push` sets it too, so no request is forgotten.
 */
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const CHECK_INTERVAL_MS = 10;

/** Patches kafkajs; further calls change nothing. */
export function guardRequestQueueTimer(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = scheduleWhilePending;
}

function scheduleWhilePending(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : CHECK_INTERVAL_MS,
  );
}
