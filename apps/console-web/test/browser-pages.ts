import { afterAll, afterEach, beforeAll, beforeEach, describe } from '@jest/globals';
import { startBrowser } from '@orderflow/testing/browser';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { FixtureServer } from './fixtures/server.js';
import { openPage, type OpenPage } from './open-page.js';

/** The pages on fixtures in a real browser. Each test has a page of its own, and fails when that page commits a fault. */
export class BrowserPages {
  readonly server = new FixtureServer();
  /** `describe` where there is a browser. */
  readonly describe: typeof describe | typeof describe.skip;
  url = '';
  private opened: OpenPage | undefined;

  private constructor(
    private readonly browser: Browser | undefined,
    prepare: (server: FixtureServer) => void,
  ) {
    this.describe = browser === undefined ? describe.skip : describe;
    beforeAll(async () => {
      this.url = await this.server.start();
    });
    afterAll(async () => {
      await browser?.close();
      await this.server.stop();
    });
    beforeEach(async () => {
      prepare(this.server);
      this.server.posted.length = 0;
      if (this.browser) this.opened = await openPage(this.browser, this.url);
    });
    afterEach(async () => {
      const faults = this.opened?.faults ?? [];
      await this.opened?.context.close();
      this.opened = undefined;
      this.server.endStreams();
      if (faults.length > 0) throw new Error(faults.join('\n'));
    });
  }

  /** For all tests of a file. @param prepare what the server answers at the beginning of each test */
  static async start(prepare: (server: FixtureServer) => void): Promise<BrowserPages> {
    return new BrowserPages(await startBrowser(), prepare);
  }

  get page(): Page {
    return this.open.page;
  }

  get context(): BrowserContext {
    return this.open.context;
  }

  readonly press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await this.page.keyboard.press(key);
  };

  readonly shows = async (text: string | RegExp, page = this.page): Promise<void> =>
    page.getByText(text).first().waitFor();

  private get open(): OpenPage {
    if (this.opened === undefined) throw new Error('a page is open only during a test');
    return this.opened;
  }
}
