/** Runs in the page, before its own scripts. */

const SHOWN_WITHIN_MS = 30_000;

/** When the frame that follows is shown, by `performance.now()`. */
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/**
 * Calls `look` now and after each change of the page until it returns true.
 * @param {() => boolean} look
 */
function untilChanged(look) {
  if (look()) return;
  const observer = new MutationObserver(() => {
    if (look()) observer.disconnect();
  });
  observer.observe(document, { childList: true, subtree: true });
}

/**
 * @param {string} selector
 * @returns {Promise<number>} the time of the frame that shows it; rejects after 30 s
 */
const frameOf = (selector) =>
  new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`not shown: ${selector}`)), SHOWN_WITHIN_MS);
    untilChanged(() => {
      if (document.querySelector(selector) === null) return false;
      requestAnimationFrame(resolve);
      return true;
    });
  });

/** @type {Promise<number>} */
let armed = Promise.resolve(NaN);
/** @type {Record<string, number>} */
let seen = {};

/** @type {import('../src/probe.ts').Probe} */
const probe = {
  firstPaint: () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,

  firstShown: frameOf,

  arm(input, selector) {
    /** @type {Promise<number>} */
    const begun = new Promise((resolve) => {
      addEventListener(input, ({ timeStamp }) => resolve(timeStamp), { once: true, capture: true });
    });
    armed = Promise.all([begun, frameOf(selector)]).then(([from, until]) => until - from);
    // It may reject before it is asked for.
    armed.catch(() => undefined);
  },

  shown: () => armed,

  stampNew(selector, attribute) {
    /** @type {Record<string, number>} */
    const stamps = {};
    seen = stamps;
    untilChanged(() => {
      const all = [...document.querySelectorAll(selector)].map((it) => it.getAttribute(attribute) ?? '');
      const fresh = all.filter((it) => !(it in stamps));
      if (fresh.length > 0) requestAnimationFrame(() => fresh.forEach((it) => (stamps[it] ??= Date.now())));
      return seen !== stamps;
    });
  },

  seen: () => seen,

  async load(selector, pixels, withinMs) {
    const list = /** @type {Element} */ (document.querySelector(selector));
    const table = /** @type {Element} */ (list.closest('[role="table"]'));
    const until = performance.now() + withinMs;
    // A list that is not read to its end does not say how many rows it has.
    while (list.scrollHeight < pixels && table.getAttribute('aria-rowcount') === '-1') {
      if (performance.now() > until) throw new Error(`the list has ${list.scrollHeight} of ${pixels} pixels`);
      list.scrollTop = list.scrollHeight;
      await nextFrame();
    }
    list.scrollTop = 0;
  },

  async watchFrames(selector, forMs, pixels) {
    const list = /** @type {Element} */ (document.querySelector(selector));
    /** @type {number[]} */
    const longTasks = [];
    /** @type {number[]} */
    const frames = [];
    const observer = new PerformanceObserver((tasks) => {
      longTasks.push(...tasks.getEntries().map(({ duration }) => duration));
    });
    observer.observe({ type: 'longtask' });
    let before = await nextFrame();
    const until = before + forMs;
    let direction = 1;
    while (before < until) {
      const end = list.scrollHeight - list.clientHeight;
      if (list.scrollTop <= 0) direction = 1;
      else if (list.scrollTop >= end - 1) direction = -1;
      if (pixels > 0) list.scrollTop += direction * pixels;
      const now = await nextFrame();
      frames.push(now - before);
      before = now;
    }
    observer.disconnect();
    return { longTasks, frames };
  },
};

Object.assign(globalThis, { probe });
