import { jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';

// A browser on a machine that is busy takes its time; what never appears fails after the 30 s of playwright.
jest.setTimeout(180_000);

export const widths = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } } as const;

/** The instant at which the fixtures are looked at. */
const NOW = new Date('2026-11-24T14:02:16.000Z');

export interface OpenPage {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What a page must never do: throw, offend its policy, or ask another host. */
  readonly faults: string[];
}

/** A page in a context of its own, with a fixed zone and clock. */
export async function openPage(browser: Browser, url: string): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: widths.wide,
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`an error: ${error.message}`));
  page.on('console', (message) => {
    const isNetwork = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isNetwork) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) faults.push(`a request to ${request.url()}`);
  });
  await page.clock.setFixedTime(NOW);
  return { context, page, faults };
}
