import type { ServiceName, SystemClient } from '@orderflow/client';

/** The value of one time series at one moment. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? (\S+)(?: # .*)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The samples of an OpenMetrics text. @throws Error for a line that is not a sample, and without `# EOF` */
export function samplesOf(text: string): Sample[] {
  const lines = text.trimEnd().split('\n');
  if (lines.pop() !== '# EOF') throw new Error('the text does not end with # EOF');
  return lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value] = LINE.exec(line) ?? [];
      if (name === undefined) throw new Error(`not a sample: ${line}`);
      const pairs = [...labels.matchAll(LABEL)].map(([, key, text]) => [key, text]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
}

/** One response of a service's `/metrics`. */
export class Scrape {
  private constructor(
    private readonly samples: readonly Sample[],
    readonly contentType: string,
    readonly text: string,
  ) {}

  static async of(client: SystemClient, service: ServiceName): Promise<Scrape> {
    const { body, type } = await client.metrics(service);
    return new Scrape(samplesOf(body), type, body);
  }

  /** The sum of all samples with this name and these labels; undefined without one. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.samples.filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
    return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
  }
}
