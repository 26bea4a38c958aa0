import { type Browser, chromium } from 'playwright-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const cache = join(import.meta.dirname, '..', '..', '..', '.cache', 'chromium');

/**
 * Starts the Chromium of the optional package `@sparticuz/chromium`: it is inside the package, so that no other host is asked.
 * @returns undefined where the package is not installed, after a line that says so
 */
export async function startBrowser(): Promise<Browser | undefined> {
  const packed = await import('@sparticuz/chromium').then(
    (it) => it.default,
    () => undefined,
  );
  if (packed === undefined || process.platform !== 'linux') {
    console.log('Not checked: the pages, since @sparticuz/chromium is not installed here');
    return undefined;
  }
  return chromium.launch({
    executablePath: await unpacked(packed),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--force-color-profile=srgb',
      '--font-render-hinting=none',
      '--hide-scrollbars',
    ],
  });
}

/** It is unpacked into the folder for temporary files: once for this checkout, instead of into that of the machine. */
async function unpacked(packed: { executablePath: () => Promise<string> }): Promise<string> {
  const before = process.env['TMPDIR'];
  mkdirSync(cache, { recursive: true });
  process.env['TMPDIR'] = cache;
  try {
    return await packed.executablePath();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
