/** What stands under one name and its labels, at one moment. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? (\S+)(?: # .*)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The samples of an OpenMetrics text. @throws Error for a line that is none, or where the end is missing */
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

/** What a service says at `/metrics`. */
export class Scrape {
  private constructor(
    private readonly samples: readonly Sample[],
    readonly contentType: string,
    readonly text: string,
  ) {}

  static async of(url: string): Promise<Scrape> {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
    const text = await answer.text();
    return new Scrape(samplesOf(text), answer.headers.get('content-type') ?? '', text);
  }

  /** The sum of all samples of this name that have these labels; undefined where there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.samples.filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
    return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
  }
}
