/**
 * Reads environment variables by the rules of OpenTelemetry: an empty value counts as unset, enums and booleans do not depend
 * on case, and a value that cannot be used is noted and ignored.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#parsing-empty-value
 */
export class EnvReader {
  /** One line for each variable that has no effect, or not the one it seems to have. */
  readonly notes: string[] = [];

  constructor(private readonly env: Readonly<Record<string, string | undefined>>) {}

  isSet(key: string): boolean {
    return this.text(key) !== '';
  }

  /** Notes a variable, with its value and the reason. */
  note(key: string, reason: string): void {
    // A line: the value may be anything.
    this.notes.push(`${key}=${JSON.stringify(this.text(key).slice(0, 100)).slice(1, -1)}: ${reason}`);
  }

  flag(key: string): boolean {
    const text = this.text(key).toLowerCase();
    if (!['', 'true', 'false'].includes(text)) this.note(key, 'is neither true nor false and counts as false');
    return text === 'true';
  }

  list(key: string): string[] {
    return this.text(key)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  /** The known values of a list, each once. */
  choices<Value extends string>(key: string, known: readonly Value[]): Value[] {
    const chosen = this.list(key).map((item) => {
      const value = known.find((one) => one === item.toLowerCase());
      if (value === undefined) this.note(key, `${item} is not supported, only ${known.join(', ')}`);
      return value;
    });
    return [...new Set(chosen)].filter((value) => value !== undefined);
  }

  /** @returns undefined where it is not set or not known */
  choice<Value extends string>(key: string, known: readonly Value[]): Value | undefined {
    const text = this.text(key).toLowerCase();
    const value = known.find((one) => one === text);
    if (value === undefined && text !== '') this.note(key, `is unknown and ignored, use ${known.join(', ')}`);
    return value;
  }

  /** @returns `fallback` where it is not set or out of range */
  number(key: string, fallback: number, { least = 0, most = Infinity, isWhole = false } = {}): number {
    const text = this.text(key);
    if (text === '') return fallback;
    const value = Number(text);
    if (value >= least && value <= most && value < Infinity && (!isWhole || Number.isInteger(value))) return value;
    const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
    this.note(key, `is no ${isWhole ? 'whole ' : ''}number ${range} and is ignored`);
    return fallback;
  }

  private text(key: string): string {
    return this.env[key]?.trim() ?? '';
  }
}
