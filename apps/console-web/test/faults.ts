import axe, { type RunOptions } from 'axe-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { widths } from './open-page.js';

/** Writes a picture of each state into this folder: each is looked at before a page is called done. */
const pictures = process.env['PICTURES'];
if (pictures !== undefined) mkdirSync(pictures, { recursive: true });

const themes = ['light', 'dark'] as const;

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The violations of WCAG 2.2 A and AA and of good practice, a line each; another theme can only change the contrast. */
async function violationsOn(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  const options: RunOptions = { runOnly: theme === 'dark' ? ['color-contrast'] : rules, resultTypes: ['violations'] };
  const { violations } = await page.evaluate(
    async (run) => (globalThis as unknown as { axe: typeof axe }).axe.run(document, run),
    options,
  );
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message}`).join(' | ')}`,
  );
}

const sidewaysScroll = async (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** On each screen in each theme: the violations, and how far the page scrolls sideways. */
export async function faultsOf(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [];
  await page.evaluate(axe.source);
  for (const [width, size] of Object.entries(widths)) {
    await page.setViewportSize(size);
    // The whole page at once: what is scrolled below a part that stays in sight would count as covered by it.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ ...size, height: Math.max(size.height, height) });
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      const where = `${name}-${width}-${colorScheme}`;
      if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${where}.png`) });
      faults.push(...(await violationsOn(page, colorScheme)).map((it) => `${where}: ${it}`));
    }
    const scroll = await sidewaysScroll(page);
    if (scroll > 0) faults.push(`${name}-${width}: scrolls sideways by ${scroll} px`);
  }
  return faults;
}
