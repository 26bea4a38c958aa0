/**
 * kafkajs 2.2.4 checks each connection's queue of waiting requests by a timer that it sets anew whenever it fires, also
 * when nothing waits, after `throttledUntil - now` ms, which is below zero as long as the broker does not throttle. So
 * every connection wakes the process a thousand times a second for as long as it lives (2,500 wake-ups/s were seen idle),
 * and Node 24 prints a TimeoutNegativeWarning. See kafkajs/src/network/requestQueue/index.js, scheduleCheckPendingRequests.
 *
 * The guard sets the timer only while something waits: whatever is put into the queue sets it itself (`push`), so
 * nothing is forgotten.
 */
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const CHECK_INTERVAL_MS = 10;

/** Puts the guard into kafkajs; more than once changes nothing. */
export function guardRequestQueueTimer(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = scheduleWhileSomethingWaits;
}

function scheduleWhileSomethingWaits(this: RequestQueue): void {
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
