import { request } from '@orderflow/client';
import { atRateUntil } from '../arrivals.ts';

/** What was read since the last time. */
export interface Reads {
  /** Milliseconds of each read, from when it was due. */
  readonly latencies: number[];
  /** Each read that failed, or had less than an earlier one. */
  readonly faults: string[];
}

/** Orders that were found before, each with the greatest number of its events: from then on no read may have fewer. */
class Found {
  private readonly ids: string[] = [];
  private readonly events = new Map<string, number>();

  add(orderId: string): void {
    if (this.events.has(orderId)) return;
    this.ids.push(orderId);
    this.events.set(orderId, 0);
  }

  any(): string {
    return this.ids[Math.floor(Math.random() * this.ids.length)]!;
  }

  /** Reads one of them. @param read returns the number of its events. @throws Error where that goes back */
  async readAny(read: (orderId: string) => Promise<number>): Promise<void> {
    const orderId = this.any();
    // As it is before the read begins: a later read may end earlier.
    const least = this.events.get(orderId)!;
    const found = await read(orderId);
    if (found < least) throw new Error(`order ${orderId} goes back from ${least} events to ${found}`);
    this.events.set(orderId, Math.max(found, this.events.get(orderId)!));
  }
}

interface Listed {
  readonly items: readonly { readonly orderId: string }[];
}

/** @throws Error for a status other than 200 */
async function read<Body>(url: string): Promise<Body> {
  const { status, body } = await request<Body>(url);
  if (status !== 200) throw new Error(`GET ${url} answers ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Reads orders at the service, and what the console's pages of them ask for, at a constant rate. */
export class Readers {
  private readonly planted: ReadonlySet<string>;
  private readonly orders: string;
  private readonly console: string;
  private readonly over = new AbortController();
  private readonly atService = new Found();
  private readonly atConsole = new Found();
  private reads: Reads = { latencies: [], faults: [] };
  private running: Promise<void> = Promise.resolve();

  /**
   * @param orderIds the first orders to read; those that a list has join them
   * @param planted orders that are read in no other way than in a list: an event of theirs is made wrong
   */
  constructor(ordersUrl: string, consoleUrl: string, orderIds: readonly string[], planted: readonly string[]) {
    this.planted = new Set(planted);
    this.orders = ordersUrl;
    this.console = consoleUrl;
    for (const orderId of orderIds) for (const found of [this.atService, this.atConsole]) found.add(orderId);
  }

  begin(perSecond: number): void {
    const kinds = [
      async () => this.readOrder(),
      async () => this.list(this.orders, this.atService),
      async () => this.list(`${this.console}/api`, this.atConsole),
      async () => this.readStory(),
      async () => read(`${this.console}/api/search?q=${this.atConsole.any()}`),
    ];
    this.running = atRateUntil(this.over.signal, perSecond, async (index, dueAt) => {
      try {
        await kinds[index % kinds.length]!();
      } catch (error) {
        this.reads.faults.push(String(error));
      }
      this.reads.latencies.push(performance.now() - dueAt);
    });
  }

  take(): Reads {
    const { reads } = this;
    this.reads = { latencies: [], faults: [] };
    return reads;
  }

  async end(): Promise<void> {
    this.over.abort();
    await this.running;
  }

  private async readOrder(): Promise<void> {
    await this.atService.readAny(
      async (orderId) => (await read<{ version: number }>(`${this.orders}/orders/${orderId}`)).version,
    );
  }

  private async readStory(): Promise<void> {
    await this.atConsole.readAny(async (orderId) => {
      const { events } = await read<{ events: unknown[] }>(`${this.console}/api/orders/${orderId}/story`);
      return events.length;
    });
  }

  private async list(url: string, found: Found): Promise<void> {
    const { items } = await read<Listed>(`${url}/orders?limit=20`);
    for (const { orderId } of items) if (!this.planted.has(orderId)) found.add(orderId);
  }
}
