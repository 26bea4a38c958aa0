import type { z } from 'zod';
import { StartError } from './errors.js';

/**
 * Parses a service's settings from environment variables, once, before anything else starts.
 * An empty variable (`PORT=`) counts as not set; variables outside the schema are ignored.
 *
 * @param schema a zod object whose keys are names of environment variables
 * @returns the schema's output
 * @throws StartError with a line per invalid variable; values are never repeated, since they may be secrets
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  env: Record<string, string | undefined> = process.env,
): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new StartError(linesOf(result.error.issues, given).join('\n'));
}

function linesOf(issues: readonly z.core.$ZodIssue[], given: Record<string, unknown>): string[] {
  const firstPerKey = new Map<string, string>();
  for (const issue of issues) {
    const key = issue.path.length > 0 ? String(issue.path[0]) : 'environment';
    if (!firstPerKey.has(key)) firstPerKey.set(key, sentenceOf(issue, key, given));
  }
  return [...firstPerKey.values()];
}

function sentenceOf(issue: z.core.$ZodIssue, key: string, given: Record<string, unknown>): string {
  // The pieces of this library name the remedy in their message, after a semicolon.
  const problem = issue.message.includes(';') ? issue.message : `${issue.message}; see .env.example`;
  const isMissing = issue.path.length > 0 && !(key in given);
  return isMissing ? `${key} is not set: ${problem}` : `${key} is not valid: ${problem}`;
}
